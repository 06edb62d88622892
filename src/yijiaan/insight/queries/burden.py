"""负担表: which forms were filled in how often in a week, by kind of post; never by person.

The law against burdens on the grass roots (国办函〔2026〕12号) forbids to count people's zeal; it asks that filling in forms be kept
down. So the unit here is the form: a role with fewer than three posts is added to the others, for its line would be one person's; where those are fewer than three too,
they are left out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, TruncWeek

from yijiaan.accounts.models import Post, Role
from yijiaan.core import clock
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.journal.models import Entry
from yijiaan.insight.periods import start_of
from yijiaan.insight.permissions import VIEW
from yijiaan.oneform.queries import FormBurden, list_form_burdens
from yijiaan.ui.filling import Filled, filled_forms

WEEKS = 4  # the weeks before that one week is compared with
LEAST_POSTS = 3
OTHERS, PEOPLE = "", "people"
NOT_BY_HAND = ("import:", "form:", "merge")  # sources of deeds that nobody typed, or typed as part of another
FROM_ABOVE = "oneform:"  # what a form from above is called in the table of forms
ANSWERED = "oneform.unit_answered"


@dataclass(slots=True)
class FormUse:
    """One form in one week, for one kind of post. before: in the four weeks before, together."""

    filled: Filled
    count: int = 0
    before: int = 0

    @property
    def minutes(self) -> float:
        """What it took, by estimate."""
        return self.count * self.filled.minutes

    @property
    def usual(self) -> float:
        """How often in a usual week."""
        return self.before / WEEKS


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form from above in one week. uses: how often each kind of post answered for one row of it, by the label of the kind."""

    form: FormBurden
    uses: tuple[tuple[str, FormUse], ...]

    @property
    def minutes(self) -> float:
        """What it took all of them in the week, by estimate."""
        return sum(use.minutes for _, use in self.uses)


@dataclass(slots=True)
class RoleUse:
    """One kind of post in one week."""

    code: str
    label: str
    posts: int  # in service; 0 where nobody is counted (the public)
    uses: list[FormUse] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Forms filled in."""
        return sum(use.count for use in self.uses)

    @property
    def minutes(self) -> float:
        """All that it took, by estimate."""
        return sum(use.minutes for use in self.uses)

    @property
    def minutes_each(self) -> float | None:
        """What it took a post of this kind on average; None where posts are not counted."""
        return self.minutes / self.posts if self.posts else None

    @property
    def usual_each(self) -> float | None:
        """The same in a usual week."""
        usual = sum(use.usual * use.filled.minutes for use in self.uses)
        return usual / self.posts if self.posts else None


def get_burden(actor: Actor, *, week: date) -> tuple[list[RoleUse], list[FormLine]]:
    """What filling in forms took each kind of post in the actor's areas in the week that begins on this Monday; and the forms from
    above that ask something then or were answered, each with its part of it. Four statements. NotAllowed without insight.view."""
    actor.require(VIEW)
    counted = _count_deeds(actor, week)
    answered = {way for _, verb, way, _ in counted if verb == ANSWERED}
    above = list_form_burdens(actor, ends_from=week, used=answered)
    by_deed = _forms_by_deed() | {f"{ANSWERED}:{form.id}": _filled(form) for form in above}
    posts = _count_posts(actor)
    found: dict[str, dict[str, FormUse]] = {}
    for (role, verb, way, is_now), number in counted.items():
        filled = by_deed.get(f"{verb}:{way}") or by_deed.get(verb)
        if filled is None:
            continue
        code = role if role == PEOPLE or posts.get(role, 0) >= LEAST_POSTS else OTHERS
        use = found.setdefault(code, {}).setdefault(filled.form, FormUse(filled))
        if is_now:
            use.count += number
        else:
            use.before += number
    labels = dict(Role.objects.values_list("code", "name"))
    small = sum(number for role, number in posts.items() if number < LEAST_POSTS)
    lines = [
        RoleUse(code, labels.get(code, code), posts[code], _sorted(uses.values()))
        for code, uses in found.items()
        if code not in (OTHERS, PEOPLE)
    ]
    lines.sort(key=lambda line: line.label)
    if OTHERS in found and small >= LEAST_POSTS:
        lines.append(RoleUse(OTHERS, "其他岗位（合在一起）", small, _sorted(found[OTHERS].values())))
    if PEOPLE in found:
        lines.append(RoleUse(PEOPLE, "群众", 0, _sorted(found[PEOPLE].values())))
    return lines, [_line(form, lines) for form in above]


def _filled(form: FormBurden) -> Filled:
    """A form from above as a line of the table of forms: what it costs is what is left to ask."""
    return Filled(
        f"{FROM_ABOVE}{form.id}", form.name, form.issuer, form.minutes_asked, form.basis, (), has_own_fields=True
    )


def _line(form: FormBurden, roles: Iterable[RoleUse]) -> FormLine:
    mine = f"{FROM_ABOVE}{form.id}"
    uses = [(role.label, use) for role in roles for use in role.uses if use.filled.form == mine and use.count]
    return FormLine(form, tuple(uses))


def _sorted(uses: Iterable[FormUse]) -> list[FormUse]:
    return sorted(uses, key=lambda use: (-use.minutes, use.filled.label))


def _forms_by_deed() -> dict[str, Filled]:
    """Which form a deed of the journal comes from."""
    return {deed: filled for filled in filled_forms() for deed in filled.deeds}


def _count_deeds(actor: Actor, week: date) -> Counter[tuple[str, str, str, bool]]:
    """Deeds by role (or the public), verb, way and whether they are of this week."""
    first = start_of(week - timedelta(weeks=WEEKS))
    verbs = sorted({deed.split(":")[0] for deed in _forms_by_deed()})
    data = [KeyTextTransform(name, "data") for name in ("channel", "kind", "source")]
    rows = (
        Entry.objects.visible_to(actor)
        .filter(
            Q(post__isnull=False) | Q(actor_kind__in=(ActorKind.PUBLIC.value, ActorKind.REPORTER.value)),
            county=actor.county, verb__in=verbs, happened_at__gte=first, happened_at__lt=start_of(week + timedelta(weeks=1)),
        )
        .annotate(
            way=Coalesce(*data, Value(""), output_field=TextField()),
            of_week=TruncWeek("happened_at", tzinfo=clock.SHANGHAI),
        )
        .order_by()
        .values_list("post__role", "verb", "way", "of_week")
        .annotate(number=Count("id"))
    )  # fmt: skip
    counted: Counter[tuple[str, str, str, bool]] = Counter()
    for role, verb, way, of_week, number in rows:
        if not way.startswith(NOT_BY_HAND):
            counted[(role or PEOPLE, verb, way, clock.local_day(of_week) == week)] += number
    return counted


def _count_posts(actor: Actor) -> dict[str, int]:
    """Posts in service of the units in the actor's areas, by role."""
    today = clock.local_day()
    mine = Post.objects.filter(actor.area_filter("unit__area_id"), starts_on__lte=today)
    rows = mine.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today)).order_by().values_list("role")
    return dict(rows.annotate(number=Count("id")))
