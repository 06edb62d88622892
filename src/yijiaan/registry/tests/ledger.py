"""Ledgers of invented people for tests and for the bench, and the way of a file from its rows to the table."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from yijiaan.core.checks import identity_check
from yijiaan.core.scope import Actor, system
from yijiaan.engines.tabular import actions as tabular
from yijiaan.engines.tabular.models import Import, ImportLine
from yijiaan.engines.tabular.queries import suggest_mapping
from yijiaan.engines.tabular.tests.make import xlsx

PEOPLE = ("户号", "姓名", "与户主关系", "身份证号", "性别", "民族", "联系电话", "现居住地址", "村", "政治面貌", "文化程度", "婚姻状况")  # fmt: skip
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "建国秀英桂兰志强海燕文明春梅德胜玉珍永福"


def number(born: str, serial: int) -> str:
    """A valid identity number."""
    first = f"370812{born}{serial:03d}"
    return first + identity_check(first)


def invented(count: int, villages: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Lines of people, three to a household, in villages one after another; nobody of them lives."""
    for index in range(count):
        home, place = divmod(index, 3)
        year, rest = 1940 + index % 75, index // 75
        born = f"{year}{rest % 12 + 1:02d}{rest // 12 % 28 + 1:02d}"
        serial = rest // 336 * 3 + place + 1
        sex = "男" if serial % 2 else "女"
        name = SURNAMES[home % 20] + GIVEN[(index * 7) % 20] + GIVEN[(index * 3 + 1) % 20]
        yield (
            f"{3708120000 + home}", name, ("户主", "妻", "长子")[place], number(born, serial), sex, "汉族",
            f"154{index % 100_000_000:08d}", f"村东街 {home % 900 + 1} 号", villages[home * len(villages) * 3 // (count + 3)],
            "群众", "初中", "已婚" if place < 2 else "未婚",
        )  # fmt: skip


def received(actor: Actor, kind: str, rows: Sequence[Sequence[Any]], **fixed: str) -> Import:
    """A file brought and its columns explained as they were suggested, checked."""
    imported = tabular.receive_table(actor=actor, kind=kind, file_name="台账.xlsx", raw=xlsx(rows), client_key=uuid4())
    mapping = suggest_mapping(actor, imported=imported)
    tabular.map_columns(actor=actor, import_id=imported.id, mapping=mapping, fixed=fixed)
    tabular.check_import(actor=system("tests", imported.county), import_id=imported.id)
    return fresh(imported)


def run(actor: Actor, imported: Import) -> Import:
    """Written."""
    tabular.start_import(actor=actor, import_id=imported.id)
    tabular.run_import(actor=system("tests", imported.county), import_id=imported.id)
    return fresh(imported)


def brought(actor: Actor, kind: str, rows: Sequence[Sequence[Any]], **fixed: str) -> Import:
    """From the file to the table."""
    return run(actor, received(actor, kind, rows, **fixed))


def undone(actor: Actor, imported: Import) -> Import:
    """Taken back."""
    tabular.start_undo(actor=actor, import_id=imported.id)
    tabular.undo_import(actor=system("tests", imported.county), import_id=imported.id, post_id=actor.post_id)
    return fresh(imported)


def fresh(imported: Import) -> Import:
    """As it stands now."""
    return Import.objects.get(id=imported.id, county=imported.county)


def remarks(imported: Import) -> dict[int, tuple[str, str]]:
    """Why lines were not written: verdict and sentence by line."""
    lines = ImportLine.objects.filter(county=imported.county, table_import=imported).order_by("line")
    return {line.line: (line.verdict, line.remark) for line in lines if line.verdict in ("refused", "conflict")}


def counts(imported: Import) -> tuple[int, int, int, int, int]:
    """New, changed, same, in conflict, refused."""
    return (
        imported.new_count, imported.changed_count, imported.same_count, imported.conflict_count, imported.refused_count,
    )  # fmt: skip
