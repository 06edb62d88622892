import csv
import io
import re
from collections import defaultdict

from django.db import transaction

from yijiaan.areas import permissions
from yijiaan.areas.models import LEVEL_OF, Area
from yijiaan.areas.queries.tree import forget_areas
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.pinyin import syllables, syllables_with_tones
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

LOADED = (2, 4, 6, 9, 12)  # grids come with borders
MOST_NAME = 60
SUFFIX = re.compile(r"(村民委员会|社区居民委员会|居民委员会|社区居委会|村委会|居委会)$")
KEPT = {
    "村民委员会": "村",
    "村委会": "村",
    "社区居民委员会": "社区",
    "社区居委会": "社区",
    "居民委员会": "社区",
    "居委会": "社区",
}


def short_name(full_name: str) -> str:
    """What people call a village: 新驿一村村委会 → 新驿一村, 韦园社区居委会 → 韦园社区."""
    ending = SUFFIX.search(full_name)
    if ending is None:
        return full_name
    stem = full_name[: ending.start()]
    return stem if stem.endswith(("村", "社区", "庄")) else stem + KEPT[ending.group()]


def pinyin_key(name: str) -> str:
    """Pinyin with tones of a name, for sorting under collation C."""
    return " ".join(syllables_with_tones(name))[:120]


def initials(name: str, taken: set[str]) -> str:
    """The pinyin initials of a town without its last word, longer where another town of the county has them: 新驿镇 → XY, 新兖镇 → XYA."""
    stem = re.sub(r"(街道|镇|乡)$", "", name)
    *head, last = [part for part in syllables(stem) if part[:1].isalpha()] or ["bh"]
    front = "".join(part[0] for part in head)[:3]
    choices = [(front + last[:length]).upper() for length in range(1, len(last) + 1)]
    choices += [choices[0] + chr(letter) for letter in range(ord("A"), ord("Z") + 1)]
    return next(letters for letters in choices if letters not in taken)


@transaction.atomic
def load_divisions(*, actor: Actor, text: str) -> int:
    """Load the division tree from CSV with columns code and name (others ignored); returns how many rows are new or changed.

    Codes have 2, 4, 6, 9 or 12 digits and every parent must be in the file or in the database. RuleError names the line.
    Known codes get the new name; nothing is ever removed here.
    """
    actor.require(permissions.LOAD)
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    if not rows or not {"code", "name"} <= set(rows[0]):
        raise RuleError("no_columns", "文件第一行要有 code 和 name 两列", "file")
    wanted: dict[str, str] = {}
    for line, row in enumerate(rows, 2):
        code, name = (row["code"] or "").strip(), (row["name"] or "").strip()
        if not (code.isascii() and code.isdigit()) or len(code) not in LOADED or not 0 < len(name) <= MOST_NAME:
            raise RuleError(
                "bad_row", f"第 {line} 行：代码应为 2、4、6、9 或 12 位数字，名称为 1 到 {MOST_NAME} 个字", "file"
            )
        wanted[code] = name
    known = {area.code: area for area in Area.objects.filter(code__in=wanted)}
    parents = {parent for code in wanted if (parent := parent_code(code))} - set(wanted)
    missing = parents - set(Area.objects.filter(code__in=parents).values_list("code", flat=True))
    if missing:
        raise RuleError("no_parent", f"缺上级区划：{'、'.join(sorted(missing)[:5])}", "file")
    taken: dict[str, set[str]] = defaultdict(set)  # county -> letters of its towns, which begin the public numbers
    for code, letters in Area.objects.exclude(letters="").values_list("code", "letters"):
        taken[code[:6]].add(letters)
    changed = []
    for code, name in sorted(wanted.items(), key=lambda item: (len(item[0]), item[0])):
        area = new_area(code, name, taken[code[:6]] if code not in known else set())
        taken[code[:6]].add(area.letters)
        changed.append(area)
    changed = [area for area in changed if area.code not in known or known[area.code].full_name != area.full_name]
    Area.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "full_name", "sort_key"],
        batch_size=2000,
    )
    forget_areas()
    if changed:
        top = min(changed, key=lambda area: (len(area.code), area.code))
        record(
            actor=actor,
            verb="areas.divisions_loaded",
            county=top.code[:6].ljust(6, "0"),
            subject_type="areas.area",
            subject_id=top.subject_id,
            area_code=top.code,
            at=clock.now(),
            data={"count": len(changed)},
        )
    return len(changed)


def parent_code(code: str) -> str:
    """The code one level up; empty for a province."""
    lengths = sorted(LEVEL_OF)
    return code[: lengths[lengths.index(len(code)) - 1]] if len(code) > lengths[0] else ""


def new_area(code: str, full_name: str, letters_taken: set[str]) -> Area:
    """An unsaved area with what follows from its code and name."""
    level = LEVEL_OF[len(code)]
    ending = SUFFIX.search(full_name)
    letters = initials(full_name, letters_taken) if level == "town" else ""
    return Area(
        code=code,
        parent_id=parent_code(code) or None,
        level=level,
        name=short_name(full_name),
        full_name=full_name,
        kind=ending.group().replace("村民委员会", "村委会").replace("居民委员会", "居委会") if ending else "",
        letters=letters,
        door_token=f"{letters.lower()}{code[6:]}" if level == "town" else None,
        sort_key=pinyin_key(full_name),
    )
