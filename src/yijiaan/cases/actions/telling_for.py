"""Reports that somebody told by a way of his own: a trusted reporter by his quick link, or one person for another (代报)."""

from dataclasses import dataclass, replace

from django.db import transaction

from yijiaan.cases.actions.intake import submit_report, submit_solved
from yijiaan.cases.actions.steps import lock_case_of, moment_for, note_deed
from yijiaan.cases.intake import MOST_NAME, Intake, Receipt, clean_text
from yijiaan.cases.models import Channel, Proxy, ProxyRelation, SourcedReport
from yijiaan.core.checks import normal_phone
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.registry.models import TrustedReporter


@dataclass(frozen=True, slots=True)
class ProxyFacts:
    """Who tells for another. A grid worker stands in his post: neither name nor phone is written down."""

    relation: str
    name: str = ""
    phone: str = ""


@transaction.atomic
def submit_from_source(*, actor: Actor, source: TrustedReporter, intake: Intake) -> Receipt:
    """What a trusted reporter tells by his link: his name and phone are known, the village is his where he chose none.

    The same deadlines as for everybody. RuleErrors and Conflict of `submit_report`; NotFound when he has left.
    """
    if not source.is_active or source.county != actor.county:
        raise NotFound
    known = replace(
        intake, reporter_name=source.name_sealed, reporter_phone=source.phone_sealed,
        area_code=intake.area_code or source.area_code,
    )  # fmt: skip
    receipt = submit_report(actor=actor, intake=known, door=source.area_code, channel=Channel.TRUSTED.value)
    if receipt.is_new:
        SourcedReport(
            id=uuid7(), county=source.county, report_id=receipt.report_id, case_id=receipt.case_id, source_id=source.id
        ).save(force_insert=True)
    return receipt


@transaction.atomic
def submit_by_proxy(
    *, actor: Actor, intake: Intake, proxy: ProxyFacts, door: str, channel: str, result: str = ""
) -> Receipt:
    """代报: the intake is of the person it is about, who gets receipt and callback; the proxy is told too.

    result: not empty, it was solved on the spot. RuleErrors at the fields: nobody_to_tell_for (for_name), unknown_relation,
    nobody_tells (proxy_name), proxy_name_too_long, bad_phone (proxy_phone), and those of `submit_report`.
    """
    if not (intake.reporter_name.strip() or intake.reporter_phone.strip()):
        raise RuleError("nobody_to_tell_for", "代报请写替谁报：称呼或电话，写一样就行", "for_name")
    if proxy.relation not in ProxyRelation.values:
        raise RuleError("unknown_relation", "请选代报的是他什么人", "relation")
    is_worker = proxy.relation == ProxyRelation.GRID_WORKER
    name = "" if is_worker else clean_text(proxy.name, most=MOST_NAME, field="proxy_name")
    phone = "" if is_worker or not proxy.phone.strip() else normal_phone(proxy.phone, field="proxy_phone")
    if not (is_worker or name or phone):
        raise RuleError("nobody_tells", "请写代报人的称呼或电话，好把结果也告诉他", "proxy_name")
    if result:
        receipt = submit_solved(actor=actor, intake=intake, door=door, channel=channel, result=result)
    else:
        receipt = submit_report(actor=actor, intake=intake, door=door, channel=channel)
    if receipt.is_new:
        county = actor.county
        Proxy(
            id=uuid7(), county=county, report_id=receipt.report_id, relation=proxy.relation, name_sealed=name,
            phone_sealed=phone, post_id=actor.post_id if is_worker else None,
        ).save(force_insert=True)  # fmt: skip
        case = lock_case_of(county, receipt.case_id)
        data = {"report": str(receipt.report_id), "relation": proxy.relation}
        note_deed(actor, case, "cases.told_by_proxy", moment_for(case), data)
    return receipt
