"""What the case base does on its own news: messages to units, and the answer to who may open a picture."""

from uuid import UUID

from yijiaan.areas.providers import register_tally
from yijiaan.cases import telling
from yijiaan.cases.actions import follow_redraw
from yijiaan.cases.actions.alerts import CaseKeeper
from yijiaan.cases.models import Case, Proxy, Report
from yijiaan.cases.queries import stands_of_a_year, stands_of_open
from yijiaan.cases.wordings import NEWS, news_code
from yijiaan.core.scope import Actor, system
from yijiaan.engines.files import providers
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.engines.notices.actions import notify
from yijiaan.engines.texts.queries import say
from yijiaan.engines.todos import providers as duties


def tell_units(entry: Entry) -> None:
    """A dispatch is told to lead and assistants, everything else to the unit that has to act on it."""
    case = Case.objects.get(county=entry.county, id=entry.subject_id)
    actor = system("journal", entry.county)
    told = [(entry.data["lead"], say(actor, news_code(entry.verb)))]
    to_others = "cases.summoned" if entry.verb == "cases.whistled" else "cases.assists"
    told += [(unit, say(actor, news_code(to_others))) for unit in entry.data.get("assistants", [])]
    # everybody in a unit reads its messages, a tip only its named posts
    title = "一件保密事件" if case.is_confidential else case.title
    for unit, what in told:
        notify(
            actor=actor,
            county=entry.county,
            unit_id=UUID(unit),
            title=f"{what}：{title}",
            link=f"/cases/{case.number}/",
            dedup_key=f"{entry.id}:{unit}",
        )


def tell_proxies(entry: Entry) -> None:
    """A grid worker who told for somebody hears when it is handled and when it is over."""
    case = Case.objects.get(county=entry.county, id=entry.subject_id)
    rows = Proxy.objects.filter(county=entry.county, report__case_id=case.id, post__isnull=False).select_related("post")
    what = "办结了，等他评价" if entry.verb == "cases.finished" else "结案了"
    title = "一件保密事件" if case.is_confidential else case.title
    for row in rows:
        assert row.post is not None
        notify(
            actor=system("journal", entry.county),
            county=entry.county,
            unit_id=row.post.unit_id,
            post_id=row.post_id,
            title=f"您替人报的事{what}：{title}",
            link=f"/cases/{case.number}/",
            dedup_key=f"{entry.id}:proxy:{row.id}",
        )


def may_open_case_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of a case open to those who see the case."""
    return bool(Case.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def may_open_report_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of a report open to its reporter and to those who see the case."""
    return bool(Report.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def follow_grids(entry: Entry) -> None:
    """Open cases follow their ground."""
    follow_redraw(actor=system("redraw", entry.county), county=entry.county, before=entry.data["before"])


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("cases.follow_grids", ("areas.redraw_in_force",), follow_grids)
    register_tally("没办完的事件", "件", stands_of_open)
    register_tally("近一年收到的事件", "件", stands_of_a_year)
    subscribe(
        "cases.tell_units", tuple(verb for verb in NEWS if verb not in ("cases.assists", "cases.summoned")), tell_units
    )
    subscribe("cases.tell_proxies", ("cases.finished", "cases.closed"), tell_proxies)
    telling.register()
    duties.register("cases.case", CaseKeeper())
    providers.register("cases.case", may_open_case_file)
    providers.register("cases.report", may_open_report_file)
