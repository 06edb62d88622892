"""`./yijiaan bench`: see the package."""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

PARTS = ("pages", "paint", "deeds", "centre", "jobs", "base", "ledgers", "intake")


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
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts alone")
    parser.add_argument(
        "--keep", action="store_true", help="leave the scratch database filled, and use the one left before"
    )
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        print("DATABASE_URL is not set; start it as ./yijiaan bench", file=sys.stderr)
        return 1
    if options.write and set(options.only) != set(PARTS):
        print("--write keeps a whole table; leave --only away", file=sys.stderr)
        return 1
    from bench import scratch  # noqa: PLC0415 - after the arguments, before Django

    with scratch.scratch_database(options.size, keep=options.keep) as place:
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
    call_command("migrate", verbosity=0)
    if not place.is_filled:
        print(f"scratch database, {cases:,} cases …", flush=True)
        call_command("load_demo", percent=1)
        scratch.fill(place.url, cases)
    call_command("collectstatic", interactive=False, verbosity=0)
    results = []
    try:
        for result in _ask(options, place):
            results.append(result)
            print(f"  {report.line(result)}", flush=True)
        if options.write:
            report.keep(results, options.size, cases)
    finally:
        for connection in connections.all():
            connection.close()
            connection.close_pool()
    print(report.table(results))
    return 0


def _ask(options: argparse.Namespace, place: "scratch.Scratch") -> Iterator[Any]:  # type: ignore[name-defined]  # noqa: F821
    from bench import base, centre, deeds, intake, jobs, ledgers, pages, paint, scratch, server  # noqa: PLC0415

    if not place.is_filled:
        yield from jobs.counts()
        scratch.note_filled(place.url, options.size)
    with server.web_server(place) as web:
        if "pages" in options.only:
            yield from pages.pages(web, seconds=options.seconds)
        if "paint" in options.only:
            yield from paint.paint(web)
        if "deeds" in options.only:
            yield from deeds.deeds(web)
        if "centre" in options.only:
            yield from centre.centre()
        if "jobs" in options.only and options.size != "town":
            yield from jobs.jobs()
        if "base" in options.only:
            yield from base.base(web, seconds=options.seconds)
        if "ledgers" in options.only:
            yield from ledgers.ledgers(web)
        if "intake" in options.only:
            yield from intake.intake(
                place.url, web, seconds=options.seconds, clients=options.clients, rounds=options.rounds
            )
            scratch.note_filled(place.url, "")  # full of reports that nobody dispatched: no county looks like that


if __name__ == "__main__":
    sys.exit(main())
