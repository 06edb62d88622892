"""登记: a hazard gets its number in the books of its town at once, so that from then on it cannot be lost."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.queries import all_units
from yijiaan.areas.queries import find_grid, get_area
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.geo import check_point
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.checklists.models import Grade
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.files.models import StoredFile
from yijiaan.safety.actions.steps import SUBJECT, books_of, clean, lock_hazard, note, owe, this_year
from yijiaan.safety.models import Hazard, HazardKind, Source
from yijiaan.safety.permissions import REGISTER

TITLE = 40
TOWN = 9


@dataclass(frozen=True, slots=True)
class HazardFacts:
    """What was found and where."""

    text: str
    area_code: str = ""
    kind: str = HazardKind.OTHER.value
    place: str = ""
    proposed_grade: str = ""
    lon: float | None = None
    lat: float | None = None
    source: str = Source.REPORT.value
    source_id: UUID | None = None


@transaction.atomic
def register_hazard(*, actor: Actor, facts: HazardFacts, client_key: UUID, relapse_of: UUID | None = None) -> Hazard:
    """登记 a hazard; it is graded next. relapse_of: the one that was written off and is there again.

    RuleErrors empty_text, text_too_long, place_too_long, unknown_kind, unknown_grade, unknown_area, not_written_off, those of
    `geo.check_point`. The same client_key again gives the first one; Conflict when it came with something else.
    """
    actor.require(REGISTER)
    text = clean(facts.text, most=500, field="text", required="请写一句是什么隐患")
    place = clean(facts.place, most=120, field="place")
    if facts.kind not in HazardKind.values:
        raise RuleError("unknown_kind", "请选是哪一类隐患", "kind")
    if facts.proposed_grade and facts.proposed_grade not in Grade.values:
        raise RuleError("unknown_grade", "请选一般、较大或重大，不好说就不选", "proposed_grade")
    point = _point(facts)
    known = Hazard.objects.filter(county=actor.county, client_key=client_key).first()
    if known is not None:
        if (known.text, known.place, known.kind) != (text, place, facts.kind) or not is_mine(actor, known):
            raise Conflict("刚才那一条已经登记了，这次写的不一样。要另登一条，请再点一次提交", code="client_key_reused")
        return known
    area_code = _area(actor, facts.area_code, point)
    before = _before(actor, relapse_of)
    ledger_code, year, now = area_code[:TOWN], this_year(), clock.now()
    books = books_of(actor.county, ledger_code, year)
    books.opened_last += 1
    books.save(update_fields=["opened_last"])
    hazard = Hazard(
        id=uuid7(), county=actor.county, ledger_code=ledger_code, year=year, serial=books.opened_last, books_year=year,
        title=title_of(text), text=text, kind=facts.kind, place=place, area_code=area_code,
        lon=point[0] if point else None, lat=point[1] if point else None, source=facts.source, source_id=facts.source_id,
        proposed_grade=facts.proposed_grade, status="found", relapse_of=before, found_by_id=actor.post_id, found_at=now,
        client_key=client_key,
    )  # fmt: skip
    hazard.save(force_insert=True)
    owe(actor, hazard, now)
    hazard.save(update_fields=["next_due_at", "card"])
    note(
        actor,
        hazard,
        "register",
        "safety.hazard_registered",
        now,
        number=hazard.serial,
        source=facts.source,
        relapse_of=str(before.id) if before else "",
    )
    return hazard


@transaction.atomic
def add_hazard_photo(*, actor: Actor, hazard_id: UUID, raw: bytes, purpose: str = "before") -> StoredFile:
    """Keep a picture of a hazard: before, after, or of the protection. RuleErrors of `store_image`."""
    hazard = lock_hazard(actor, hazard_id=hazard_id)
    file, _ = store_image(
        actor=actor, county=hazard.county, subject_type=SUBJECT, subject_id=hazard.id, purpose=purpose, raw=raw
    )
    return file


def is_mine(actor: Actor, hazard: Hazard) -> bool:
    """Whether the actor's post registered it."""
    return actor.kind is ActorKind.SYSTEM or hazard.found_by_id == actor.post_id


def title_of(text: str) -> str:
    """The first sentence, cut where it grows long."""
    first = text.splitlines()[0].partition("。")[0].strip() or text.strip()
    return first if len(first) <= TITLE else first[: TITLE - 1] + "…"


def _point(facts: HazardFacts) -> tuple[float, float] | None:
    if facts.lon is None or facts.lat is None:
        return None
    check_point(facts.lon, facts.lat)
    return facts.lon, facts.lat


def _area(actor: Actor, code: str, point: tuple[float, float] | None) -> str:
    """The village or grid: as chosen, else by the point, else the actor's own."""
    unit = all_units(actor).get(actor.unit_id) if actor.unit_id else None
    own = unit.area_id[:TOWN] if unit is not None and len(unit.area_id) >= TOWN else ""
    if not code and point is not None:
        code = find_grid(actor, county=actor.county, lon=point[0], lat=point[1])
    code = code or (actor.areas[0] if actor.areas else own)
    allowed = (
        len(code) >= TOWN and code.startswith(actor.county) and (actor.covers(code) or (own and code.startswith(own)))
    )
    if not allowed:
        raise RuleError("unknown_area", "请选是哪个村或网格，要在您的辖区里", "area_code")
    try:
        return str(get_area(actor, code=code).code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选是哪个村或网格，要在您的辖区里", "area_code") from error


def _before(actor: Actor, relapse_of: UUID | None) -> Hazard | None:
    if relapse_of is None:
        return None
    before: Hazard = Hazard.objects.get_visible(actor, id=relapse_of)
    if before.status != "written_off":
        raise RuleError("not_written_off", "原来那条还没有销号，接着办它就行，不用另登")
    return before
