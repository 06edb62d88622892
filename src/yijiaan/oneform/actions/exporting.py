from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.tabular.actions import request_export
from yijiaan.engines.tabular.models import Export
from yijiaan.oneform.actions.registering import SUBJECT
from yijiaan.oneform.catalogue import sources
from yijiaan.oneform.models import OneForm
from yijiaan.oneform.permissions import EXPORT
from yijiaan.oneform.queries import count_units, list_columns

KIND = "oneform.form"
MOST_OPEN = 5000
SEE_IDENTITY = "registry.see_identity"


@transaction.atomic
def export_form(
    *,
    actor: Actor,
    form_id: UUID,
    client_key: UUID,
    purpose: str = "",
    with_identity: bool = False,
    area_code: str = "",
) -> Export:
    """Have a form, filled in as it is now, written to a file in the layout in which it came. With columns about persons a purpose
    must be given (PIPL art. 6); names and numbers are masked unless with_identity, which needs registry.see_identity and is noted.

    RuleErrors purpose_missing, too_long, too_many_rows, unknown_area, not_published, those of `request_export`.
    """
    actor.require(EXPORT)
    form: OneForm = OneForm.objects.get_visible(actor, county=actor.county, id=form_id)
    if form.published_at is None:
        raise RuleError("not_published", "还没有发布，先对列、发布再导出")
    if area_code and not actor.covers(area_code):
        raise RuleError("unknown_area", "请选您辖区里的地方", "area")
    purpose = " ".join(purpose.split())
    if len(purpose) > 200:
        raise RuleError("too_long", f"用途写了 {len(purpose)} 个字，最多 200 个字", "purpose")
    is_personal = any(sources()[column.source].is_personal for column in list_columns(actor, form=form))
    if (is_personal or with_identity or form.is_per_household) and not purpose:
        raise RuleError("purpose_missing", "表里有个人信息，请写明用途", "purpose")
    count = count_units(actor, form=form, area_code=area_code)
    if with_identity:
        actor.require(SEE_IDENTITY)
        if count > MOST_OPEN:
            raise RuleError("too_many_rows", f"带全名和全号的一次最多 {MOST_OPEN} 户，请按村导出", "with_identity")
    is_repeat = Export.objects.visible_to(actor).filter(client_key=client_key).exists()
    export = request_export(
        actor=actor, kind=KIND, title=f"一表通 {form.name}",
        parameters={"county": form.county, "form": str(form.id), "area": area_code, "with_identity": with_identity}, total_count=count,
        client_key=client_key, purpose=purpose,
    )  # fmt: skip
    if with_identity and not is_repeat:
        record(
            actor=actor, verb="oneform.identity_exported", county=form.county, subject_type=SUBJECT, subject_id=form.id,
            area_code=area_code or form.area_code, at=clock.now(), data={"rows": count, "export": str(export.id)},
        )  # fmt: skip
    return export
