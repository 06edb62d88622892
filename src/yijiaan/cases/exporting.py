"""事件中心 as a table to take away: the same filter as the page, newest first. Names and phones stay masked, but where they were asked
for with a purpose: then of those cases alone, and their reporters know."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import QueryDict

from yijiaan.accounts.queries import actor_of_post, unit_name
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions.exporting import KIND, first_reporters
from yijiaan.cases.filters import narrowed
from yijiaan.cases.models import Case, Rating, Report, Reporter
from yijiaan.cases.permissions import EXPORT_CONTACTS
from yijiaan.cases.queries import category_of, channel_names, excluded_names, masked_reporter
from yijiaan.cases.queries.page import CLOSE_LABELS, answers_of
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.models import Export
from yijiaan.engines.tabular.providers import Column, Exporter, Value, register_export

PORTION = 2000
COLUMNS = (
    Column("事件编号", 20), Column("标题", 36), Column("状态", 10), Column("诉求类型", 10), Column("来源", 12),
    Column("大类", 12), Column("类别", 14), Column("镇街", 12), Column("村", 12), Column("网格", 16), Column("地点", 24),
    Column("轻重", 8), Column("受理时间", 17), Column("下一到期", 17), Column("办结时间", 17), Column("结案时间", 17),
    Column("结案方式", 14), Column("解决层级", 10), Column("现在在谁手里", 20), Column("牌", 8), Column("督办", 10),
    Column("重办次数", 9), Column("转手次数", 9), Column("诉求数", 8), Column("评价", 14), Column("剔除", 14),
)  # fmt: skip
WITH_WORDS = (
    Column("诉求原话", 60),
    Column("类别问题的答案", 40),
    Column("报事人（已遮盖）", 16),
    Column("电话（已遮盖）", 16),
)

WITH_CONTACTS = (Column("报事人", 12), Column("电话", 14))


def columns(parameters: Mapping[str, Any]) -> Sequence[Column]:
    """What is written; the words of reporters only where they were asked for."""
    contacts = WITH_CONTACTS if "contacts_of" in parameters else ()
    return (*COLUMNS, *contacts, *(WITH_WORDS if parameters.get("with_words") else ()))


def rows(export: Export) -> Iterator[Sequence[Value]]:
    """All cases that the post which asked sees today under its filter. NotFound when nobody holds that post any more."""
    actor = actor_of_post(post_id=export.post_id)
    if actor is None or not actor.may("cases.export"):
        raise NotFound
    parameters = export.parameters
    wanted = narrowed(actor, QueryDict(parameters["query"])).order_by("-id")
    opened = "contacts_of" in parameters
    if opened:  # the list as it was when its reporters were told, not as it has grown since
        actor.require(EXPORT_CONTACTS)
        wanted = wanted.filter(id__in=[UUID(case_id) for case_id in parameters["contacts_of"]])
    last: UUID | None = None
    while portion := list((wanted.filter(id__lt=last) if last else wanted)[:PORTION]):
        yield from _rows(actor, portion, with_words=bool(parameters.get("with_words")), opened=opened)
        last = portion[-1].id


def _rows(actor: Actor, cases: Sequence[Case], *, with_words: bool, opened: bool) -> Iterator[Sequence[Value]]:
    ids = [case.id for case in cases]
    contacts = _contacts(actor, cases) if opened else {}
    codes = {case.area_code[:length] for case in cases for length in (9, 12, 16)}
    names = area_names(actor, codes=codes)
    channels = channel_names(actor)
    ratings = {
        row.case_id: row.get_result_display()
        for row in Rating.objects.filter(county=actor.county, case_id__in=ids).order_by("round", "rated_at")
    }
    excluded = excluded_names(actor, case_ids=ids)
    said = _said(actor, ids) if with_words else {}
    for case in cases:
        category = category_of(actor, case=case)
        code = case.area_code
        row: list[Value] = [
            case.number, case.title, case.status_label, case.get_kind_display(), channels.get(case.channel, ""),
            category.parent.name if category and category.parent else "", category.name if category else "",
            names.get(code[:9], ""), names.get(code, "") if len(code) == 12 else names.get(code[:12], ""),
            names.get(code, "") if len(code) == 16 else "", case.place, case.get_urgency_display(), case.received_at,
            case.next_due_at, case.handled_at, case.closed_at, CLOSE_LABELS.get(case.close_reason, case.close_reason),
            case.get_solved_at_level_display(), unit_name(actor, unit_id=case.owner_id), case.get_card_display(),
            case.get_supervision_display() if case.supervision else "", case.reopened_count, case.hop_count,
            case.report_count, ratings.get(case.id, ""), excluded.get(case.id, ""),
        ]  # fmt: skip
        row += contacts.get(case.id, ())
        yield [*row, *said.get(case.id, ("", "", "", ""))] if with_words else row


def _contacts(actor: Actor, cases: Sequence[Case]) -> dict[UUID, tuple[str, str]]:
    """Name and phone of the first reporter of each case in full; of confidential cases nothing."""
    told_by = first_reporters(actor.county, [case.id for case in cases if not case.is_confidential])
    return {
        case.id: (reporter.name_sealed, reporter.phone_sealed) if reporter else ("", "")
        for case in cases
        for _, reporter in (told_by.get(case.id, (None, None)),)
    }


def _said(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str, str, str]]:
    """The first report of each case: its words, what it answered to the questions of its category, and its reporter masked."""
    said: dict[UUID, Report] = {}
    for report in Report.objects.filter(county=actor.county, case_id__in=ids).order_by("-id"):
        said[report.case_id] = report
    reporters = {
        row.report_id: masked_reporter(actor, reporter=row)
        for row in Reporter.objects.filter(county=actor.county, report_id__in=[report.id for report in said.values()])
    }
    answered = answers_of(actor, county=actor.county, report_ids=[report.id for report in said.values()])
    said_by = {}
    for case_id, report in said.items():
        masked = reporters.get(report.id, {"name": "", "phone": ""})
        answers = "；".join(f"{asked}：{words}" for asked, words in answered.get(report.id, ()))
        said_by[case_id] = (report.text, answers, masked["name"], masked["phone"])
    return said_by


def register() -> None:
    """Called once when the apps are ready."""
    register_export(
        KIND,
        Exporter(
            columns, rows, "没有写明用途的姓名和电话已遮盖；时间为北京时间。由驿家安按导出人当时能看到的范围写出。"
        ),
    )
