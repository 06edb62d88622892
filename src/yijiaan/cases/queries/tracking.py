from django.db.models import F

from yijiaan.cases.models import Report
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import county_of_token
from yijiaan.core.scope import Actor, ActorKind

WRONG_CODES = 5


def get_report_by_tracking(actor: Actor, *, code: str) -> Report:
    """The report that a tracking code opens, with its case; NotFound for an unknown code."""
    code = code.strip().upper()
    county = county_of_token(code)
    report = (
        Report.objects.filter(county=county, tracking_search=code).select_related("case").first()
        if county and len(code) == 20
        else None
    )
    if report is None:
        raise NotFound
    return report


def normal_number(number: str) -> str:
    """A report's number as people type it: spaces and case do not matter."""
    return "".join(number.split()).replace("\0", "").upper()


def find_report(actor: Actor, *, county: str, number: str, query_code: str) -> Report:
    """The report with this number, if the six digits are right. RuleError not_matching or query_locked after five wrong tries.

    An unknown number and a wrong code are told in the same words. Counting a wrong try is the one thing this reading writes.
    """
    wrong = RuleError(
        "not_matching", "编号和查询码对不上，请检查；找不到号，请打电话让网格员核对后帮您查", "query_code"
    )
    report = (
        Report.objects.filter(county=county, number=normal_number(number)).select_related("case").first()
        if number
        else None
    )
    if report is None:
        raise wrong
    if report.query_failures >= WRONG_CODES:
        raise RuleError("query_locked", "查询码输错 5 次，已锁住；请用回执里的链接查，或打电话给网格员", "query_code")
    if "".join(query_code.split()) != report.query_code_sealed:
        Report.objects.filter(county=county, id=report.id).update(query_failures=F("query_failures") + 1)
        raise wrong
    if report.query_failures:
        Report.objects.filter(county=county, id=report.id).update(query_failures=0)
    return report


def reporter_actor(report: Report) -> Actor:
    """The actor that the holder of a report's code is."""
    return Actor(kind=ActorKind.REPORTER, identity=str(report.id), county=report.county, name="报事人")
