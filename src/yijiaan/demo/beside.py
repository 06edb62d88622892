"""What stands beside the cases: who tells for a village, what a category asks, which answers are taken out of the rates."""

import random
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from yijiaan.cases.actions import QuestionFacts, add_question, decide_proposal, exclude_rating
from yijiaan.cases.models import Rating
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.demo.hours import OFFICE, within
from yijiaan.demo.people import COUNTY, TOWN, Cast
from yijiaan.demo.phrases import DATA
from yijiaan.demo.world import World
from yijiaan.knowledge.actions import ArticleFacts, publish_article, write_article
from yijiaan.registry.actions import SourceFacts, add_source, issue_link
from yijiaan.registry.models import ConsentWay, SourceKind, TrustedReporter

Thread = Iterator[datetime]
FAMILIES = "孔孟颜曹秦屈白丁史侯"
CALLED = {
    SourceKind.CADRE: "主任",
    SourceKind.SECRETARY: "书记",
    SourceKind.PARTY: "大爷",
    SourceKind.WORTHY: "先生",
    SourceKind.TEACHER: "老师",
}
ASKED = (
    ("0401", QuestionFacts("灯杆上有没有编号，写的什么", "text", use="供电所照编号找灯，少跑一趟")),
    ("0402", QuestionFacts("停水还是水小、水浑", "single", options=("没有水", "水小", "水浑"), use="供水站带不同的人和料")),
    ("0104", QuestionFacts("欠几个人的", "number", use="十人以上要马上报劳动监察")),
    ("0104", QuestionFacts("从哪天开始欠的", "date", use="算仲裁时效")),
)  # fmt: skip


def write_guides(cast: Cast) -> None:
    """What the town's knowledge base answers; each by the unit that answers for it."""
    told = tomllib.loads((DATA / "guides.toml").read_text("utf-8"))["guide"]
    for guide in told:
        who, phone = guide.pop("who"), ""
        unit = cast.units[TOWN] if who == "centre" else cast.units.get(f"{TOWN}:{who}")
        actor = cast.dispatchers[TOWN][0] if who == "centre" or unit is None else cast.handlers[unit.id]
        if unit is not None:
            phone = unit.phone
        article = write_article(actor=actor, facts=ArticleFacts(area_code=TOWN, phone=phone, **guide))
        publish_article(actor=actor, article_id=article.id)


def ask(actor: Actor) -> None:
    """What some categories ask."""
    for category, facts in ASKED:
        add_question(actor=actor, category=category, facts=facts)


def list_sources(cast: Cast, villages: list[str]) -> dict[str, list[TrustedReporter]]:
    """Two of each village of 新驿镇, by their grid heads, each with a link of his own."""
    chance = random.Random(20261128)  # noqa: S311 - a fixed cast
    found: dict[str, list[TrustedReporter]] = {}
    for number, village in enumerate(sorted(code for code in villages if code.startswith(TOWN))):
        head = cast.handlers[cast.units[village].id]
        for place, kind in enumerate(chance.sample(list(CALLED), 2)):
            facts = SourceFacts(
                area_code=village, kind=kind.value, name=chance.choice(FAMILIES) + CALLED[kind],
                phone=f"154{3000 + number:04d}{1000 + place * 37:04d}",
                consented_on=clock.local_day() - timedelta(days=chance.randrange(1, 20)),
                consent_way=chance.choice(ConsentWay.values),
            )  # fmt: skip
            source = add_source(actor=head, facts=facts, client_key=UUID(int=chance.getrandbits(128), version=4))
            issue_link(actor=head, source_id=source.id)
            found.setdefault(village, []).append(source)
    return found


def exclusions(world: World) -> Thread:
    """Two answers that say nothing of how it was handled are taken out of the rates, one more waits for the second person."""
    chance = random.Random(20261130)  # noqa: S311 - a fixed story
    for days, agreed in ((9, True), (4, True), (1.2, False)):
        yield within(world.now - timedelta(days=days), OFFICE, chance, world.calendar)
        since = clock.now() - timedelta(days=30)
        unhappy = Rating.objects.filter(
            county=COUNTY, result="dissatisfied", rated_at__gte=since, case__status="closed", case__area_code__startswith=TOWN
        ).exclude(case__exclusions__isnull=False)  # fmt: skip
        row = unhappy.select_related("case", "report").order_by("rated_at", "id").first()
        if row is None:
            continue
        exclude_rating(
            actor=world.dispatcher(TOWN, clock.local_day()), number=row.case.number, report_number=row.report.number,
            code="not_ours", text="打分时说的是另一件事，不归镇里管，已经告诉他找谁；这件按时办了，有照片。",
        )  # fmt: skip
        if agreed:
            yield within(clock.now() + timedelta(minutes=chance.uniform(30, 90)), OFFICE, chance, world.calendar)
            decide_proposal(actor=world.cast.actor("mengxianjun"), number=row.case.number, is_agreed=True)
