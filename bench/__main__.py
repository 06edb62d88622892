"""`./yijiaan bench`: see the package."""

import argparse
import os
import sys
from typing import Any


def main() -> int:
    """Fill, load, compare, print."""
    parser = argparse.ArgumentParser(
        prog="./yijiaan bench", description="Load a server on a scratch database and compare it with pgbench."
    )
    parser.add_argument(
        "--size", choices=("town", "county", "city"), default="town", help="30,000, 1,000,000 or 5,000,000 cases"
    )
    parser.add_argument("--seconds", type=float, default=6, help="of each load (default 6)")
    parser.add_argument("--rounds", type=int, default=3, help="alternations with pgbench (default 3)")
    parser.add_argument("--clients", type=int, default=32, help="connections of single intake (default 32)")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        print("DATABASE_URL is not set; start it as ./yijiaan bench", file=sys.stderr)
        return 1
    from bench import scratch  # noqa: PLC0415 - after the arguments, before Django

    with scratch.scratch_database() as place:
        os.environ.update(place.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "yijiaan.project.settings"
        return _measure(options, place)


def _measure(options: argparse.Namespace, place: "scratch.Scratch") -> int:  # type: ignore[name-defined]  # noqa: F821
    import django  # noqa: PLC0415 - the environment names the scratch database only now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from bench import report, scratch  # noqa: PLC0415

    cases = scratch.SIZES[options.size]
    print(f"scratch database, {cases:,} cases …", flush=True)
    call_command("migrate", verbosity=0)
    call_command("load_demo")
    scratch.fill(place.url, cases)
    call_command("collectstatic", interactive=False, verbosity=0)
    try:
        results = _ask(options, place)
    finally:
        for connection in connections.all():
            connection.close()
            connection.close_pool()
    print(report.table(results))
    return 0


def _ask(options: argparse.Namespace, place: "scratch.Scratch") -> list[Any]:  # type: ignore[name-defined]  # noqa: F821
    from bench import measure, report, scratch, server  # noqa: PLC0415

    cases = scratch.SIZES[options.size]
    results = []
    with server.web_server(place) as port:
        for result in measure.pages(port, seconds=options.seconds):
            results.append(result)
            print(f"  {result.name}: p50 {result.p50:.1f} ms", flush=True)
        for result in (*measure.deeds(), *(measure.jobs() if options.size != "town" else ())):
            results.append(result)
            print(f"  {result.name}: p50 {result.p50:.1f} ms, {result.statements} statements", flush=True)
        for result in measure.intake(
            place.url, port, seconds=options.seconds, clients=options.clients, rounds=options.rounds
        ):
            results.append(result)
            print(f"  {result.name}: {result.rate:,.0f} {result.unit}, {result.ratio:.2f} of pgbench", flush=True)
    if options.write:
        report.keep(results, options.size, cases)
    return results


if __name__ == "__main__":
    sys.exit(main())
