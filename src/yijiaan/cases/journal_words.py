"""How the journal's verbs of cases are called, and a case by its number: what an auditor may know of it."""

from collections.abc import Iterable
from uuid import UUID

from yijiaan.cases.models import Case, Report
from yijiaan.cases.queries.page import LABELS, PURPOSES
from yijiaan.cases.queries.tracking import normal_number
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import Subject, Verb, name_subject, name_verbs


def name_deeds() -> None:
    """Tell the journal."""
    name_verbs(LABELS)
    name_verbs({"cases.reporter_seen": Verb(LABELS["cases.reporter_seen"], is_look=True, purposes=PURPOSES)})
    name_verbs({"cases.contact_exported": Verb(LABELS["cases.contact_exported"], is_look=True, purposes=PURPOSES)})
    name_verbs(
        {
            "cases.category_added": "加类别",
            "cases.category_changed": "改类别设置",
            "cases.category_stopped": "停用类别",
            "cases.category_restarted": "启用类别",
            "cases.question_added": "加类别问题",
            "cases.question_changed": "改类别问题",
            "cases.question_stopped": "停用类别问题",
            "cases.question_restarted": "启用类别问题",
            "cases.interest_declared": "申报利害关系",
            "cases.interest_ended": "终止利害关系申报",
            "cases.exclusion_code_set": "改剔除原因",
            "cases.channel_set": "改渠道设置",
            "cases.rule_added": "加派单规则",
            "cases.rule_changed": "改派单规则",
            "cases.rule_switched": "启用或停用派单规则",
            "cases.rule_deleted": "删派单规则",
        }
    )
    name_subject("cases.category", Subject("类别"))
    name_subject("cases.categoryquestion", Subject("类别问题"))
    name_subject("cases.declaredinterest", Subject("利害关系申报"))
    name_subject("cases.exclusioncode", Subject("剔除原因"))
    name_subject("cases.channelsetting", Subject("渠道"))
    name_subject("cases.routingrule", Subject("派单规则"))
    name_subject("cases.case", Subject("事件", _find, _names))


def _find(actor: Actor, *, text: str) -> list[UUID]:
    """By the number of the case or of a report of it."""
    number = normal_number(text)
    if not number:
        return []
    cases = Case.objects.filter(county=actor.county, number=number).values_list("id", flat=True)
    reports = Report.objects.filter(county=actor.county, number=number).values_list("case_id", flat=True)
    return [*cases, *reports]


def _names(actor: Actor, *, county: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Case.objects.filter(county=county, id__in=list(ids)).values_list("id", "number"))
