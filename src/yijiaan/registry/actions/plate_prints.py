"""Plates on paper: a thousand at a time, set by a job, in one of three sizes, with the county's words and its logo."""

import io
from typing import Any
from uuid import UUID

import segno
from django.db import transaction
from django.db.models import QuerySet

from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import thumbnail_place
from yijiaan.engines.jobs.queue import defer
from yijiaan.engines.journal.actions import record
from yijiaan.registry.actions.plates import village_or_grid
from yijiaan.registry.models import Plate, PlatePrint, PlateSize, PlateState, PlateStyle, PrintState
from yijiaan.registry.permissions import MAKE_PLATES, NUMBER_PLATES, WRITE_PLATES
from yijiaan.registry.queries import get_plate_style
from yijiaan.ui.paper import write_pdf

MOST_PRINTED = 1000
MOST_GOING = 3
MOST_SLOGAN = 20
SIZES = {PlateSize.NINE_UP: (60, 90, True), PlateSize.SMALL: (60, 90, False), PlateSize.LARGE: (90, 130, False)}


@transaction.atomic
def set_plate_style(*, actor: Actor, slogan: str, logo: bytes | None = None, drops_logo: bool = False) -> PlateStyle:
    """What stands on every printed plate of the actor's county. logo: a new picture; none keeps the old one unless it is dropped.

    RuleError empty_slogan, slogan_too_long, and those of `files.store_image` at logo.
    """
    actor.require(NUMBER_PLATES)
    slogan = " ".join("".join(letter for letter in slogan if letter.isprintable()).split())
    if not slogan:
        raise RuleError("empty_slogan", "请写一句，比如“扫一扫：报问题、找网格员”", "slogan")
    if len(slogan) > MOST_SLOGAN:
        raise RuleError("slogan_too_long", f"最多 {MOST_SLOGAN} 个字，再长印不下", "slogan")
    row = PlateStyle.objects.select_for_update().filter(county=actor.county).first()
    digest = "" if row is None or drops_logo else row.logo_sha256
    if logo is not None:
        kept, _ = store_image(
            actor=actor, county=actor.county, subject_type="registry.plate_style", subject_id=uuid7(), purpose="logo",
            raw=logo, field="logo",
        )  # fmt: skip
        digest = kept.sha256
    now = clock.now()
    if row is None:
        row = PlateStyle(id=uuid7(), county=actor.county, slogan=slogan, logo_sha256=digest, changed_at=now)
        row.save(force_insert=True)
    else:
        row.slogan, row.logo_sha256, row.changed_at = slogan, digest, now
        row.save(update_fields=["slogan", "logo_sha256", "changed_at"])
    record(
        actor=actor, verb="registry.plate_style_set", county=actor.county, subject_type="registry.plate_style",
        subject_id=row.id, area_code=actor.county, at=now, data={"slogan": slogan, "has_logo": bool(digest)},
    )  # fmt: skip
    return row


@transaction.atomic
def request_plate_print(*, actor: Actor, area_code: str, size: str, address: str, client_key: UUID) -> PlatePrint:
    """Queue the plates in use of a village or grid as a PDF. address: what stands before the code in the QR code. The same
    client_key again gives the first wish (Conflict when it asked for something else).

    RuleError unknown_area, unknown_size, nothing_there, too_many (beyond a thousand), too_many_going.
    """
    actor.require(MAKE_PLATES)
    assert actor.post_id is not None  # whoever may make plates acts in a post
    mine = PlatePrint.objects.visible_to(actor)
    known: PlatePrint | None = mine.filter(client_key=client_key).first()
    if known is not None:
        if (known.area_code, known.size) != (area_code, size):
            raise Conflict("刚才那一份已经在做了", code="other_body")
        return known
    area = village_or_grid(actor, area_code)
    if size not in PlateSize.values:
        raise RuleError("unknown_size", "请选大小", "size")
    count = _in_use(actor.county, area).count()
    if not count:
        raise RuleError("nothing_there", "这里还没有在用的门牌，请先做门牌", "area_code")
    if count > MOST_PRINTED:
        raise RuleError("too_many", f"这里有 {count:,} 块，一次最多 {MOST_PRINTED:,} 块，请分网格打印", "area_code")
    if mine.filter(state=PrintState.WAITING).count() >= MOST_GOING:
        raise RuleError("too_many_going", f"已经有 {MOST_GOING} 份在做，等做好再要下一份")
    now = clock.now()
    wish = PlatePrint(
        id=uuid7(), county=actor.county, area_code=area, size=size, address=address, post_id=actor.post_id,
        client_key=client_key, plate_count=count, requested_at=now,
    )  # fmt: skip
    wish.save(force_insert=True)
    record(
        actor=actor, verb="registry.plates_printed", county=actor.county, subject_type="registry.plate_print",
        subject_id=wish.id, area_code=area, at=now, data={"plates": count, "size": size},
    )  # fmt: skip
    defer("registry.write_wanted_plates", county=wish.county, print_id=str(wish.id))
    return wish


def write_plate_print(*, actor: Actor, print_id: UUID) -> None:
    """Set the sheets of a wish; a second run sets them anew. Not one transaction: setting takes seconds. NotFound for an unknown
    one."""
    actor.require(WRITE_PLATES)
    mine = PlatePrint.objects.filter(county=actor.county, id=print_id)
    wish = mine.first()
    if wish is None:
        raise NotFound
    if wish.state == PrintState.DONE:
        return
    plates = list(_in_use(wish.county, wish.area_code).order_by("area_code", "id")[:MOST_PRINTED])
    names = area_names(actor, codes=[code for plate in plates for code in (plate.area_code, plate.area_code[:12])])
    style = get_plate_style(actor, county=wish.county)
    logo = (
        StoredFile.objects.filter(county=wish.county, sha256=style.logo_sha256).first() if style.logo_sha256 else None
    )
    width, height, is_sheet = SIZES[PlateSize(wish.size)]
    values = {
        "title": "数字门牌", "width": width, "height": height, "sheet": is_sheet, "columns": 3, "slogan": style.slogan,
        "logo": {"path": thumbnail_place(actor, file=logo) if logo else ""},
        "plates": [_plate(plate, names, wish.address) for plate in plates],
    }  # fmt: skip
    half = wish.path.with_suffix(".half")
    try:
        wish.path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(write_pdf("registry/plates.typ", values))
        half.rename(wish.path)
    except BaseException:
        half.unlink(missing_ok=True)
        mine.update(state=PrintState.FAILED)
        raise
    mine.update(state=PrintState.DONE, plate_count=len(plates))


def _in_use(county: str, area_code: str) -> QuerySet[Any]:
    return Plate.objects.filter(
        county=county, area_code__gte=area_code, area_code__lt=area_code + "~", state=PlateState.IN_USE
    )


def _plate(plate: Plate, names: dict[str, str], address: str) -> dict[str, str]:
    drawn = io.BytesIO()
    segno.make(f"{address}/d/{plate.code}/", error="m").save(drawn, kind="svg", border=2, light="#fff", xmldecl=False)
    village, own = names.get(plate.area_code[:12], ""), names.get(plate.area_code, "")
    code = " ".join(plate.code[start : start + 4] for start in range(0, len(plate.code), 4))
    return {
        "place": plate.place,
        "area": village if own == village else own if own.startswith(village) else f"{village} {own}",
        "code": plate.external_no or code,
        "svg": drawn.getvalue().decode(),
    }
