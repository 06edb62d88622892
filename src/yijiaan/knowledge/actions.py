from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.queries import all_units
from yijiaan.areas.queries import get_area
from yijiaan.core import clock
from yijiaan.core.bigrams import pairs
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.actions import record
from yijiaan.engines.notices.actions import notify
from yijiaan.knowledge import permissions
from yijiaan.knowledge.flows import FLOW
from yijiaan.knowledge.models import Article

SUBJECT = "knowledge.article"
WARN_DAYS = 30
MOST = {
    "title": 60, "answer": 300, "who_may": 500, "documents": 1000, "place": 300, "how_long": 200, "steps": 3000, "phone": 30,
    "aliases": 200, "source": 200,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What an article says."""

    title: str
    area_code: str
    answer: str
    who_may: str = ""
    documents: str = ""
    place: str = ""
    how_long: str = ""
    steps: str = ""
    phone: str = ""
    aliases: str = ""
    source: str = ""
    source_on: date | None = None
    valid_until: date | None = None


@transaction.atomic
def write_article(
    *, actor: Actor, facts: ArticleFacts, article_id: UUID | None = None, seen_version: int | None = None
) -> Article:
    """Write a new article (a draft of the actor's unit) or change one. RuleErrors empty_title, empty_answer, …_too_long,
    unknown_area, bad_day at their fields; NotAllowed for another unit's; Conflict when somebody was faster."""
    actor.require(permissions.WRITE)
    if actor.unit_id is None:
        raise NotAllowed(permissions.WRITE)
    article = _locked(actor, article_id) if article_id is not None else None
    values = asdict(facts)
    area_code = values.pop("area_code")
    for name, most in MOST.items():
        values[name] = values[name].strip()
        if len(values[name]) > most:
            raise RuleError(f"{name}_too_long", f"最多写 {most} 个字", name)
    if not values["title"]:
        raise RuleError("empty_title", "请写办什么，例如“申请低保”", "title")
    if not values["answer"]:
        raise RuleError("empty_answer", "请用一句话回答，群众先看到它", "answer")
    if facts.valid_until is not None and facts.source_on is not None and facts.valid_until < facts.source_on:
        raise RuleError("bad_day", "有效到的日子要在依据日期之后", "valid_until")
    values["area_id"] = _area(actor, area_code)
    if article is None:
        article = Article(id=uuid7(), unit_id=actor.unit_id, changed_at=clock.now(), **values)
        _index(article)
        article.save(force_insert=True)
        _note(actor, article, "knowledge.article_written")
        return article
    if seen_version is not None and seen_version != article.version:
        raise Conflict("刚才有人改过这一篇，请看看最新的再改", code="stale_version")
    changed = {name: ["", ""] for name, value in values.items() if getattr(article, name) != value}
    if article.valid_until != values["valid_until"]:
        article.warned_on = None
    for name, value in values.items():
        setattr(article, name, value)
    _index(article)
    article.version += 1
    article.changed_at = clock.now()
    article.save()
    _note(actor, article, "knowledge.article_changed", {"fields": sorted(changed)})
    return article


@transaction.atomic
def publish_article(*, actor: Actor, article_id: UUID) -> Article:
    """发布: residents and the centre find it. RuleError out_of_date, wrong_state."""
    return _move(actor, article_id, "publish", "knowledge.article_published")


@transaction.atomic
def retire_article(*, actor: Actor, article_id: UUID) -> Article:
    """停用: nobody finds it any more. RuleError wrong_state."""
    return _move(actor, article_id, "retire", "knowledge.article_retired")


def warn_owners(*, actor: Actor) -> int:
    """Tell the owner of each article that ends within a month, or has ended, once; returns how many. A job; harmless twice."""
    today = clock.local_day()
    due = Article.objects.filter(status="published", valid_until__lte=today + timedelta(days=WARN_DAYS))
    told = 0
    for article in due.select_related("unit"):
        stage = "after" if article.is_out_of_date else "before"
        # told before it ends, and once more when it has
        if article.warned_on is not None and (stage == "before" or article.warned_on > article.valid_until):
            continue
        words = "已经过期，请更新或停用" if stage == "after" else f"{article.valid_until:%m月%d日}到期，请更新"
        county = article.unit.area_id[:6]
        with transaction.atomic():
            notify(
                actor=system(actor.identity, county),
                county=county,
                unit_id=article.unit_id,
                title=f"知识库“{article.title}”{words}"[:80],
                link=f"/knowledge/{article.id}/",
                dedup_key=f"article:{article.id}:{article.valid_until}:{stage}",
            )
            article.warned_on = today
            article.save(update_fields=["warned_on"])
        told += 1
    return told


def _move(actor: Actor, article_id: UUID, move: str, verb: str) -> Article:
    article = _locked(actor, article_id)
    if move == "publish" and article.is_out_of_date:
        raise RuleError("out_of_date", "已经过了有效期，请先改“有效到”再发布")
    FLOW.move(article, move, actor)
    article.changed_at = clock.now()
    article.save(update_fields=["status", "changed_at"])
    _note(actor, article, verb)
    return article


def _area(actor: Actor, code: str) -> str:
    own = all_units(actor).get(actor.unit_id) if actor.unit_id else None
    allowed = actor.covers(code) or (own is not None and code.startswith(own.area_id))
    if not code or not allowed or len(code) > 9:  # noqa: PLR2004
        raise RuleError("unknown_area", "请选本区，或您所在的镇街", "area")
    try:
        return str(get_area(actor, code=code).code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选本区，或您所在的镇街", "area") from error


def _index(article: Article) -> None:
    article.words = article.searched
    article.marks = sorted({pair for line in article.words.split("\n") for pair in pairs(line)})


def _locked(actor: Actor, article_id: UUID) -> Article:
    actor.require(permissions.WRITE)
    article: Article = Article.objects.select_for_update(of=("self",)).get_visible(actor, id=article_id)
    if article.unit_id != actor.unit_id and not actor.covers(article.area_id):
        raise NotAllowed(permissions.WRITE)
    return article


def _note(actor: Actor, article: Article, verb: str, data: dict[str, object] | None = None) -> None:
    record(
        actor=actor,
        verb=verb,
        county=article.area_id[:6],
        subject_type=SUBJECT,
        subject_id=article.id,
        area_code=article.area_id,
        at=clock.now(),
        data=data or {},
    )
