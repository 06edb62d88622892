"""调整网格: grids of a village are merged, cut, or hand ground to a neighbour, from a day on. Codes are never given twice."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.contrib.postgres.fields import DateRangeField
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Func, ProtectedError, Value
from shapely.geometry import shape

from yijiaan.areas import permissions
from yijiaan.areas.actions.divisions import pinyin_key
from yijiaan.areas.actions.grids import KINDS
from yijiaan.areas.geometry import OVERLAP_LIMIT, as_geojson
from yijiaan.areas.models import Area, Border, BorderStamp, Lineage, Redraw, RedrawKind, RedrawState
from yijiaan.areas.queries.locate import forget_borders
from yijiaan.areas.queries.redraws import MOST_NAME, Drawing, plan_redraw
from yijiaan.areas.queries.tree import forget_areas
from yijiaan.areas.redrawing import Piece
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

SUBJECT = "areas.redraw"
MOST_AHEAD = timedelta(days=366)
MOST_REASON = 200


@transaction.atomic
def schedule_redraw(
    *, actor: Actor, drawing: Drawing, effective_on: date | None, reason: str, client_key: UUID
) -> Redraw:
    """Let a drawing come into force on a day to come: the old borders end, the new ones begin, and who became what is kept.

    The same client_key again gives the first one. RuleErrors no_day, too_early, too_late, no_reason, reason_too_long, name_too_long,
    same_name, no_serial_left, and those of `plan_redraw`.
    """
    actor.require(permissions.REDRAW)
    known = Redraw.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        if (known.kind, known.before) != (drawing.kind, list(dict.fromkeys(drawing.grids))):
            raise Conflict("刚才那次调整已经定下了", code="client_key_reused")
        return known
    # one redraw of a village at a time
    if not Area.objects.select_for_update().filter(code=drawing.village, level="village").exists():
        raise RuleError("unknown_village", "请选辖区里的一个村", "village")
    pieces = plan_redraw(actor, drawing=drawing)
    day = _day(effective_on)
    reason = " ".join(reason.split())
    if not reason:
        raise RuleError("no_reason", "请写为什么调，村里人会问", "reason")
    if len(reason) > MOST_REASON:
        raise RuleError("reason_too_long", f"最多 {MOST_REASON} 个字", "reason")
    before = list(dict.fromkeys(drawing.grids))
    made = _named(drawing, pieces)
    redraw = Redraw(
        id=uuid7(), county=drawing.village[:6], area_code=drawing.village, kind=drawing.kind, effective_on=day, reason=reason,
        codes={"before": before, "after": [area.code for area in made]}, client_key=client_key, made_at=clock.now(),
    )  # fmt: skip
    redraw.save(force_insert=True)
    _end_borders(before, day)
    if drawing.kind != RedrawKind.SHIFT:
        Area.objects.filter(code__in=before).update(valid_to=day)
        for area in made:
            area.valid_from = day
        Area.objects.bulk_create(made)
        Lineage.objects.bulk_create(
            Lineage(redraw=redraw, before_id=source, after=area)
            for area, piece in zip(made, pieces, strict=True)
            for source in piece.sources
        )
    _begin_borders(made, pieces, before, day)
    _tell_processes(redraw)
    _note(actor, redraw, "areas.redraw_scheduled")
    return redraw


def _day(wanted: date | None) -> date:
    today = clock.local_day()
    if wanted is None:
        raise RuleError("no_day", "请选从哪天起按新网格", "effective_on")
    if wanted <= today:
        raise RuleError("too_early", "最早从明天起生效，这样生效前还能撤销", "effective_on")
    if wanted > today + MOST_AHEAD:
        raise RuleError("too_late", "最晚定到一年以内", "effective_on")
    return wanted


def _named(drawing: Drawing, pieces: Sequence[Piece]) -> list[Area]:
    """The areas of the pieces: those that keep their codes as they are, new ones unsaved, with the next free serials."""
    village = Area.objects.get(code=drawing.village)
    there = {area.code: area for area in Area.objects.filter(parent=village, level="grid")}
    if drawing.kind == RedrawKind.SHIFT:
        return [there[piece.code] for piece in pieces]
    taken = set(there)
    for codes in Redraw.objects.filter(county=village.code[:6], area_code=village.code).values_list("codes", flat=True):
        taken.update(codes["after"])
    kind = there[drawing.grids[0]].kind or "base"
    stem = village.code + KINDS[kind]
    names = {area.name for area in there.values() if area.valid_to is None and area.code not in drawing.grids}
    made: list[Area] = []
    for piece in pieces:
        serial = next((number for number in range(1, 1000) if f"{stem}{number:03d}" not in taken), None)
        if serial is None:
            raise RuleError("no_serial_left", f"{village.name}：网格序号已用完", "grids")
        code = f"{stem}{serial:03d}"
        taken.add(code)
        name = piece.name or f"{village.name}第{serial}网格"
        if len(name) > MOST_NAME:
            raise RuleError("name_too_long", f"名称最多 {MOST_NAME} 个字", "names")
        if name in names:
            raise RuleError("same_name", f"已经有一个网格叫“{name}”，请换个名称", "names")
        names.add(name)
        made.append(
            Area(
                code=code, parent=village, level="grid", name=name, full_name=name, kind=kind,
                sort_key=pinyin_key(village.name) + f" {code[12:]}",
            )
        )  # fmt: skip
    return made


def _end_borders(codes: Sequence[str], day: date) -> None:
    Border.objects.filter(area__in=codes, period__contains=day).update(
        period=Func(
            Func(F("period"), function="lower"), Value(day), function="daterange", output_field=DateRangeField()
        )
    )


def _begin_borders(made: Sequence[Area], pieces: Sequence[Piece], before: Sequence[str], day: date) -> None:
    whole = {code: shape(geometry) for code, geometry in _last_shapes(before, day)}
    ground = sum(polygon.area for polygon in whole.values())
    rounded = [as_geojson(piece.polygon) for piece in pieces]
    if abs(sum(shape(one).area for one in rounded) - ground) > OVERLAP_LIMIT * max(len(pieces), 2):
        raise RuleError("ground_lost", "调整后的面积和原来对不上，请重新划", "points")
    Border.objects.bulk_create(
        Border(area=area, period=DateRange(day, None), geometry=geometry, source="网格调整")
        for area, geometry in zip(made, rounded, strict=True)
    )


def _last_shapes(codes: Sequence[str], day: date) -> list[tuple[str, object]]:
    eve = day - timedelta(days=1)
    return list(Border.objects.filter(area__in=codes, period__contains=eve).values_list("area_id", "geometry"))


@transaction.atomic
def undo_redraw(*, actor: Actor, redraw_id: UUID) -> Redraw:
    """Take a redraw back before its day: all is as it was, but for the codes, which are not given again. Once more changes nothing.

    RuleErrors already_in_force, in_use (a post was already given one of the new grids).
    """
    actor.require(permissions.REDRAW)
    redraw: Redraw = Redraw.objects.visible_to(actor).select_for_update().get_visible(actor, id=redraw_id)
    if redraw.state == RedrawState.UNDONE:
        return redraw
    if redraw.state == RedrawState.IN_FORCE or redraw.effective_on <= clock.local_day():
        raise RuleError("already_in_force", "已经生效，不能撤销；要改回去，请再做一次调整")
    Border.objects.filter(area__in=redraw.after, period__startswith=redraw.effective_on).delete()
    Border.objects.filter(area__in=redraw.before, period__endswith=redraw.effective_on).update(
        period=Func(
            Func(F("period"), function="lower"), Value(None), function="daterange", output_field=DateRangeField()
        )
    )
    if redraw.kind != RedrawKind.SHIFT:
        Lineage.objects.filter(redraw=redraw).delete()
        Area.objects.filter(code__in=redraw.before).update(valid_to=None)
        try:
            with transaction.atomic():
                Area.objects.filter(code__in=redraw.after).delete()
        except ProtectedError as error:
            raise RuleError("in_use", "已经有岗位派到新网格，请先把那个岗位改回来，再撤销") from error
    redraw.state = RedrawState.UNDONE
    redraw.save(update_fields=["state"])
    _tell_processes(redraw)
    _note(actor, redraw, "areas.redraw_undone")
    return redraw


def begin_redraws(*, actor: Actor) -> int:
    """The job of the early morning: what comes into force today is told to who keeps things by grid. Returns how many."""
    actor.require(permissions.REDRAW)
    due = Redraw.objects.filter(state=RedrawState.SCHEDULED, effective_on__lte=clock.local_day())
    ids = list(due.order_by("effective_on", "id").values_list("id", flat=True))
    return sum(_begin(actor, redraw_id) for redraw_id in ids)


@transaction.atomic
def _begin(actor: Actor, redraw_id: UUID) -> bool:
    redraw = (
        Redraw.objects.select_for_update(skip_locked=True).filter(id=redraw_id, state=RedrawState.SCHEDULED).first()
    )
    if redraw is None:
        return False
    redraw.state = RedrawState.IN_FORCE
    redraw.save(update_fields=["state"])
    _note(actor, redraw, "areas.redraw_in_force")
    return True


def _tell_processes(redraw: Redraw) -> None:
    BorderStamp.objects.update_or_create(county=redraw.county, defaults={"stamp": uuid7()})
    forget_areas()
    forget_borders()


def _note(actor: Actor, redraw: Redraw, verb: str) -> None:
    record(
        actor=actor, verb=verb, county=redraw.county, subject_type=SUBJECT, subject_id=redraw.id, area_code=redraw.area_code,
        at=clock.now(), data={"kind": redraw.kind, "on": redraw.effective_on.isoformat(), **redraw.codes},
    )  # fmt: skip
