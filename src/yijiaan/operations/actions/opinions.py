"""给平台提意见: everybody may, with or without a name; an administrator answers in time, and the writer has the last word once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from yijiaan.accounts.models import Post
from yijiaan.accounts.queries import get_centre, public_actor
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import tracking_code, uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.journal.actions import record
from yijiaan.engines.notices.actions import notify
from yijiaan.engines.todos.actions import close_todos, open_todo
from yijiaan.engines.todos.providers import Alert, Owed, Shift
from yijiaan.engines.todos.queries import get_deadline_in_days
from yijiaan.operations.flows import FLOW
from yijiaan.operations.models import Opinion, OpinionKind, OpinionTurn, OpinionTurnKind
from yijiaan.operations.permissions import ANSWER

SUBJECT = "operations.opinion"
ANSWER_DAYS = 5  # working days
CLOSED_AFTER = timedelta(days=7)
MOST_TEXT = 1000
MOST_PAGE = 80
DUTY = "opinion"


@transaction.atomic
def submit_opinion(
    *,
    actor: Actor,
    kind: str,
    text: str,
    page: str = "",
    client_key: UUID,
    is_anonymous: bool = False,
    photo: bytes = b"",
) -> tuple[Opinion, str]:
    """Take in an opinion; its code opens it to whoever wrote it without a name ("" where a name is known).

    Anonymous: no post, no journal row, no picture, and the day instead of the hour. The same client_key again gives the first
    opinion, with a fresh code where it has one. RuleErrors unknown_kind, empty_text, text_too_long, no_anonymous_photo, those
    of `store_image`; Conflict where the key came with other words.
    """
    text = _clean(text)
    if kind not in OpinionKind.values:
        raise RuleError("unknown_kind", "请选是意见、建议、故障还是负担过重", "kind")
    if is_anonymous and photo:
        raise RuleError("no_anonymous_photo", "匿名的不收照片，截图里可能看得出是谁：去掉照片，或者不匿名", "photo")
    is_named = actor.kind is ActorKind.STAFF and actor.post_id is not None and not is_anonymous
    known = Opinion.objects.select_for_update().filter(county=actor.county, client_key=client_key).first()
    if known is not None:
        return _again(known, kind, text)
    now = clock.now() if not is_anonymous else clock.day_start(clock.local_day())
    deadline = get_deadline_in_days(actor, start=now, days=ANSWER_DAYS)
    code = "" if is_named else tracking_code(actor.county)
    opinion = Opinion(
        id=uuid4() if is_anonymous else uuid7(), county=actor.county, kind=kind, text=text, page=page[:MOST_PAGE],
        status="received", is_anonymous=is_anonymous, post_id=actor.post_id if is_named else None,
        code_search=code or None, received_at=now, due_at=deadline.due_at, client_key=client_key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            opinion.save(force_insert=True)
    except IntegrityError as error:  # pressed twice at once
        if "opinion_client_key" not in str(error):
            raise
        return _again(Opinion.objects.select_for_update().get(county=actor.county, client_key=client_key), kind, text)
    nobody = public_actor(actor.county, "opinion")
    if photo:
        store_image(
            actor=actor if is_named else nobody, county=opinion.county, subject_type=SUBJECT, subject_id=opinion.id,
            purpose="evidence", raw=photo,
        )  # fmt: skip
    _owe(nobody, opinion, now)
    if not is_anonymous:
        _note(actor, opinion, "operations.opinion_received", now, {"kind": kind})
    return opinion, code


def _again(known: Opinion, kind: str, text: str) -> tuple[Opinion, str]:
    if (known.kind, known.text) != (kind, text):
        raise Conflict("刚才那一条已经收到了", code="client_key_reused")
    if known.code_search is None:
        return known, ""
    code = tracking_code(known.county)  # the first is kept as a hash alone
    known.code_search = code  # type: ignore[assignment]
    known.save(update_fields=["code_search"])
    return known, code


@transaction.atomic
def answer_opinion(*, actor: Actor, opinion_id: UUID, text: str) -> Opinion:
    """Answer; the second answer closes it. The writer with a name is told. RuleErrors empty_text, text_too_long, wrong_state."""
    actor.require(ANSWER)
    opinion = _lock(actor, opinion_id)
    text = _clean(text)
    FLOW.move(opinion, "answer", actor, to="closed" if opinion.was_unsettled else "answered")
    now = clock.now()
    opinion.closed_at = now if opinion.status == "closed" else None
    opinion.save(update_fields=["status", "closed_at"])
    _say(opinion, OpinionTurnKind.ANSWER, text, now, actor.post_id)
    close_todos(actor=actor, county=opinion.county, subject_id=opinion.id, kinds=(DUTY,), at=now)
    entry = _note(actor, opinion, "operations.opinion_answered", now)
    if opinion.post is not None:
        notify(
            actor=actor, county=opinion.county, unit_id=opinion.post.unit_id, post_id=opinion.post_id,
            title="您给平台提的意见有答复了", link=f"/opinions/{opinion.id}/", dedup_key=f"{entry}:opinion",
        )  # fmt: skip
    return opinion


@transaction.atomic
def say_unsettled(*, actor: Actor, text: str, opinion_id: UUID | None = None, code: str = "") -> Opinion:
    """The writer says that it is not settled, once: it waits for an answer again. RuleErrors said_already, empty_text,
    text_too_long, wrong_state."""
    opinion = _own(actor, opinion_id, code)
    text = _clean(text)
    if opinion.was_unsettled:
        raise RuleError("said_already", "已经说过一次了，管理员会再答复")
    FLOW.move(opinion, "not_settled", actor)
    now = _moment(opinion)
    opinion.was_unsettled = True
    opinion.due_at = _owe(public_actor(opinion.county, "opinion"), opinion, now)
    opinion.save(update_fields=["status", "was_unsettled", "due_at"])
    _say(opinion, OpinionTurnKind.UNSETTLED, text, now, None)
    if not opinion.is_anonymous:
        _note(actor, opinion, "operations.opinion_unsettled", now)
    return opinion


@transaction.atomic
def settle_opinion(*, actor: Actor, opinion_id: UUID | None = None, code: str = "") -> Opinion:
    """The writer says that it is settled. RuleError wrong_state."""
    opinion = _own(actor, opinion_id, code)
    FLOW.move(opinion, "settle", actor)
    now = _moment(opinion)
    opinion.closed_at = now
    opinion.save(update_fields=["status", "closed_at"])
    if not opinion.is_anonymous:
        _note(actor, opinion, "operations.opinion_settled", now)
    return opinion


def close_unsaid(*, actor: Actor) -> int:
    """Close what was answered a week ago and nobody said anything more about; returns how many."""
    actor.require(ANSWER)
    before = clock.now() - CLOSED_AFTER
    answered = OpinionTurn.objects.filter(kind=OpinionTurnKind.ANSWER, at__lt=before, opinion__status="answered")
    count = 0
    for county, opinion_id in list(answered.values_list("county", "opinion_id")):
        with transaction.atomic():
            opinion = (
                Opinion.objects.select_for_update().filter(county=county, id=opinion_id, status="answered").first()
            )
            if opinion is None:
                continue
            FLOW.move(opinion, "settle", actor)
            opinion.closed_at = clock.now()
            opinion.save(update_fields=["status", "closed_at"])
            _note(actor, opinion, "operations.opinion_closed", opinion.closed_at)
            count += 1
    return count


class OpinionKeeper:
    """Looks after the duty to answer: a reminder to the unit that owes it, at the yellow and at the red card."""

    def lock(self, county: str, subject_ids: Collection[UUID]) -> set[UUID]:
        """Those that nobody answers at this moment."""
        free = Opinion.objects.select_for_update(skip_locked=True, no_key=True).filter(
            county=county, id__in=list(subject_ids)
        )
        return set(free.order_by("id").values_list("id", flat=True))

    def may_climb(self, todo: Owed, climbs: int) -> bool:
        """Nobody stands above who answers here."""
        return False

    def tell(self, actor: Actor, county: str, alerts: Sequence[Alert], now: datetime) -> None:
        """One message each; what was written stays on its page."""
        for alert in alerts:
            words = "快到答复期限" if alert.card == "yellow" else "过了答复期限"
            notify(
                actor=actor, county=county, unit_id=alert.todo.unit_id, title=f"有一条平台意见{words}",
                link=f"/operations/opinions/{alert.todo.subject_id}/", dedup_key=f"{alert.todo.id}:{alert.card}",
            )  # fmt: skip

    def shift(self, actor: Actor, county: str, shifts: Sequence[Shift], now: datetime) -> None:
        """The calendar changed: the opinion shows the new day."""
        for shift in shifts:
            Opinion.objects.filter(county=county, id=shift.todo.subject_id).update(due_at=shift.todo.due_at)


def may_open_photo(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """The picture opens to who answers, and to who signed it."""
    return bool(Opinion.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def _clean(text: str) -> str:
    text = "".join(letter for letter in text.replace("\r\n", "\n") if letter == "\n" or letter.isprintable()).strip()
    if not text:
        raise RuleError("empty_text", "请写一句", "text")
    if len(text) > MOST_TEXT:
        raise RuleError("text_too_long", f"写了 {len(text):,} 个字，最多 {MOST_TEXT:,} 个，请写短些", "text")
    return text


def _moment(opinion: Opinion) -> datetime:
    """When the writer says something: of an anonymous one only the day, but never before the answer."""
    now = clock.now()
    if not opinion.is_anonymous:
        return now
    last = OpinionTurn.objects.filter(county=opinion.county, opinion_id=opinion.id).order_by("-at").first()
    day = clock.day_start(clock.local_day())
    return max(day, last.at + timedelta(seconds=1)) if last else day


def _own(actor: Actor, opinion_id: UUID | None, code: str) -> Opinion:
    """The writer's own, by his code or by his name."""
    opinions = Opinion.objects.select_for_update(of=("self",))
    if code:
        found = opinions.filter(county=actor.county, code_search=code.strip().upper()).first()
    elif actor.user_id is not None and opinion_id is not None:
        found = opinions.filter(county=actor.county, id=opinion_id, post__user_id=actor.user_id).first()
    else:
        found = None
    if found is None:
        raise NotFound
    return found


def _lock(actor: Actor, opinion_id: UUID) -> Opinion:
    found: Opinion = Opinion.objects.select_for_update(of=("self",)).get_visible(
        actor, county=actor.county, id=opinion_id
    )
    return found


def _owe(actor: Actor, opinion: Opinion, at: datetime) -> datetime:
    """The duty to answer, held by the unit of an administrator, else by the county's centre; returns by when."""
    deadline = get_deadline_in_days(actor, start=at, days=ANSWER_DAYS)
    answering = Post.objects.on(clock.local_day()).filter(
        role__permissions__contains=[ANSWER], unit__area_id__gte=opinion.county, unit__area_id__lt=opinion.county + "~"
    )
    post = answering.order_by("starts_on", "id").first()
    try:
        unit_id = post.unit_id if post else get_centre(actor, area_code=opinion.county).id
    except NotFound:
        return deadline.due_at  # an installation without anybody: the page lists it all the same
    open_todo(
        actor=actor, county=opinion.county, subject_type=SUBJECT, subject_id=opinion.id, kind=DUTY, unit_id=unit_id,
        area_code="", at=at, deadline=deadline,
    )  # fmt: skip
    return deadline.due_at


def _say(opinion: Opinion, kind: OpinionTurnKind, text: str, at: datetime, post_id: UUID | None) -> None:
    OpinionTurn(
        id=uuid7(), county=opinion.county, opinion_id=opinion.id, kind=kind, text=text, post_id=post_id, at=at
    ).save(force_insert=True)


def _note(actor: Actor, opinion: Opinion, verb: str, at: datetime, data: dict[str, str] | None = None) -> UUID:
    entry = record(
        actor=actor, verb=verb, county=opinion.county, subject_type=SUBJECT, subject_id=opinion.id,
        area_code=opinion.county, at=at, data=data,
    )  # fmt: skip
    return entry.id
