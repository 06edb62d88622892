"""What a reporter without an app is told outside: an SMS when his report is taken up, needs him, is put off, is solved, ends.

Each reporter of a case is told by himself, of his own number. Nobody is told whose phone we do not have, who came by the
hotline (it calls back itself), or whose report is confidential: a tip's phone goes to no gateway. A message holds number,
state and link, never a name or what it is about.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.models import Case, Channel, HandlingRequest, Proxy, Report, Reporter
from yijiaan.cases.queries.categories import category_table
from yijiaan.cases.wordings import told_code
from yijiaan.core import clock
from yijiaan.core.checks import is_mobile
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe_many
from yijiaan.engines.notices.actions import Outgoing, drop_calls, erase_messages, queue_messages
from yijiaan.engines.notices.models import MessageChannel
from yijiaan.engines.notices.providers import Standing, standing_in
from yijiaan.engines.texts.queries import wording_of
from yijiaan.ui.words import deadline_words

OLD = timedelta(days=3)  # news of a deed that came up so late is told to nobody
EVENT_OF = {
    "cases.received": "received",
    "cases.followed": "received",
    "cases.signed": "signed",
    "cases.taken": "signed",
    "cases.asked": "need_info",
    "cases.extended": "extended",
    "cases.finished": "finished",
    "cases.verified": "finished",
    "cases.closed": "closed",
    "cases.rejected": "rejected",
}
NO_CALL_ANY_MORE = ("cases.answered", "cases.unanswered", "cases.withdrawn", "cases.reporter_erased")
TO_ONE = ("cases.received", "cases.followed")  # told to the report they name, not to all of the case
FOR_RATING = ("cases.finished", "cases.verified")  # told when they let the case wait for the reporter


def tell_reporters(county: str, entries: list[Entry]) -> None:
    """Queue what the reporters of these cases are to be told; a handful of statements a batch."""
    actor = system("telling", county)
    for entry in entries:
        if entry.verb == "cases.reporter_erased":
            erase_messages(actor=actor, county=county, subject_id=UUID(entry.data["report"]))
    over = {entry.subject_id for entry in entries if entry.verb in NO_CALL_ANY_MORE}
    if over:
        about = Report.objects.filter(county=county, case_id__in=over).values_list("id", flat=True)
        drop_calls(actor=actor, county=county, subject_ids=list(about))
    told = [entry for entry in entries if _is_told(entry)]
    if not told:
        return
    reports = _reports_by_case(county, told)
    phones = _phones(county, [report for of_case in reports.values() for report in of_case])
    until, standing = _new_dates(county, told), standing_in(county)
    messages = [
        message
        for entry in told
        for report in reports.get(entry.subject_id, ())
        if _concerns(entry, report)
        for phone, teller in phones.get(report.id, ())
        for message in _messages(actor, entry, report, phone, teller, until, standing)
    ]
    queue_messages(actor=actor, county=county, messages=messages)


def _is_told(entry: Entry) -> bool:
    if entry.verb not in EVENT_OF or entry.happened_at < clock.now() - OLD:
        return False
    if entry.verb in FOR_RATING:
        return bool(entry.data.get("changed", {}).get("status", ["", ""])[1] == "callback")
    return True


def _concerns(entry: Entry, report: Report) -> bool:
    if entry.verb in TO_ONE:
        return entry.data.get("report") == str(report.id)
    # who closed it by his own word knows
    return not (entry.actor_kind == "reporter" and entry.actor_id == str(report.id))


def _reports_by_case(county: str, entries: Iterable[Entry]) -> dict[UUID, list[Report]]:
    found: dict[UUID, list[Report]] = defaultdict(list)
    rows = Report.objects.filter(
        county=county,
        case_id__in={entry.subject_id for entry in entries},
        is_confidential=False,
        withdrawn_at__isnull=True,
    ).exclude(channel=Channel.HOTLINE)
    for report in rows.select_related("case").order_by("id"):
        case: Case = report.case
        if case.is_confidential or (case.is_called_outside and report.external_number):
            continue
        found[report.case_id].append(report)
    return found


def _phones(county: str, reports: Iterable[Report]) -> dict[UUID, list[tuple[str, str]]]:
    """Whom to tell of each report: its reporter, and who told for him (":proxy")."""
    ids = [report.id for report in reports]
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for row in Reporter.objects.filter(county=county, report_id__in=ids, phone_search__isnull=False):
        if row.phone_sealed:
            found[row.report_id].append((row.phone_sealed, ""))
    for proxy in Proxy.objects.filter(county=county, report_id__in=ids, post__isnull=True):
        if is_mobile(proxy.phone_sealed) and (proxy.phone_sealed, "") not in found[proxy.report_id]:
            found[proxy.report_id].append((proxy.phone_sealed, ":proxy"))
    return found


def _new_dates(county: str, entries: Iterable[Entry]) -> dict[str, str]:
    """The new last day of each extension, by the request's id."""
    wanted = [
        entry.data["request"] for entry in entries if entry.verb == "cases.extended" and entry.data.get("request")
    ]
    if not wanted:
        return {}
    rows = HandlingRequest.objects.filter(county=county, id__in=wanted, due_after__isnull=False)
    days = {str(row.id): clock.local_day(row.due_after) for row in rows}
    return {key: f"{day.month} 月 {day.day} 日" for key, day in days.items()}


def _messages(
    actor: Actor, entry: Entry, report: Report, phone: str, teller: str, until: dict[str, str], standing: Standing
) -> Iterable[Outgoing]:
    event = EVENT_OF[entry.verb]
    is_sms = is_mobile(phone)
    if (
        not is_sms and event != "need_info"
    ):  # a call for every step would be too much; what is done has its own callback
        return
    code = told_code(event)
    category = category_table(actor).by_id.get(report.case.category_id) if report.case.category_id else None
    scopes = [category.code, category.code[:2]] if category else []
    wording = wording_of(actor, code, scopes=scopes)
    gaps: dict[str, str] = {}
    if standing.is_ready or not is_sms:
        gaps = {
            "编号": report.number,
            "链接": f"{standing.site}/p/{report.tracking_sealed}/" if is_sms else "",
            "承诺": deadline_words(report.promised_at),
            "单位": unit_name(actor, unit_id=report.case.owner_id),
            "日期": until.get(entry.data.get("request", ""), ""),
        }
        gaps = {name: text for name, text in gaps.items() if f"{{{name}}}" in wording}
    yield Outgoing(
        phone=phone,
        text=wording.format(**gaps) if gaps or not wording.count("{") else "",
        gaps=gaps,
        template_code=code,
        template_version=sha256(wording.encode()).hexdigest()[:12],
        subject_type="cases.report",
        subject_id=report.id,
        subject_number=report.number,
        area_code=report.case.area_code,
        dedup_key=f"{entry.id}:{report.id}{teller}",
        is_urgent=event == "need_info",
        channel=MessageChannel.SMS.value if is_sms else MessageChannel.CALL.value,
    )


def register() -> None:
    """Called once when the apps are ready."""
    subscribe_many("cases.tell_reporters", tell_reporters, (*EVENT_OF, *NO_CALL_ANY_MORE))
