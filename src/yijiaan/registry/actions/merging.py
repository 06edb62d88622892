"""并档: two records of one human being become one; what came along is written down, so that they can be taken apart exactly."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.gaps import empty_gaps, fill_gaps
from yijiaan.registry.actions.writing import note
from yijiaan.registry.models import CareEntry, Change, Membership, Person, PersonMerge, Relation, Status
from yijiaan.registry.permissions import MERGE

MOST_REASON = 200


@transaction.atomic
def merge_people(*, actor: Actor, kept_id: UUID, merged_id: UUID, reason: str) -> PersonMerge:
    """并档: memberships, care entries and history of the merged one follow to the kept one. His facts stay as they are; what he lacks
    comes from the other with the other's source and day. Where both live somewhere the kept one's home counts. RuleErrors same_person, not_active, no_reason."""
    actor.require(MERGE)
    if kept_id == merged_id:
        raise RuleError("same_person", "两份是同一份，请选另一份")
    people = {person.id: person for person in _pair(actor, kept_id, merged_id)}
    if len(people) != 2:
        raise NotFound
    kept, merged = people[kept_id], people[merged_id]
    if any(person.status in (Status.MERGED, Status.MISTAKEN) for person in people.values()):
        raise RuleError("not_active", "其中一份已经并档或登记有误，不能再并")
    if not reason.strip():
        raise RuleError("no_reason", "请写凭什么说是同一个人，例如“证件号码核对一致”", "reason")
    today = clock.local_day()
    moved: dict[str, Any] = {
        "status": merged.status,
        "ended_on": merged.ended_on.isoformat() if merged.ended_on else "",
        "memberships": _move_memberships(kept, merged, today),
        "care": _move_care(kept, merged, today),
        "changes": _move_changes(kept, merged),
    }
    merged.status, merged.merged_into, merged.ended_on = Status.MERGED, kept, today
    merged.save(update_fields=["status", "merged_into", "ended_on"])
    now = clock.now()
    merge = PersonMerge(
        id=uuid7(), county=kept.county, kept=kept, merged=merged, moved=moved, reason=reason.strip()[:MOST_REASON],
        merged_by_id=actor.post_id, merged_at=now,
    )  # fmt: skip
    moved["filled"] = fill_gaps(actor, merge, now)
    merge.save(force_insert=True)
    note(actor, kept, "person", "people_merged", {"merged": str(merged.id), "fields": moved["filled"]})
    return merge


@transaction.atomic
def unmerge_people(*, actor: Actor, merged_id: UUID) -> PersonMerge:
    """拆档: both stand as they stood before, and what filled the gaps of the kept one goes back; what was written on him since stays. RuleErrors not_merged,
    cannot_restore (the number or the place at the head was given to somebody else meanwhile)."""
    actor.require(MERGE)
    merged: Person = Person.objects.get_visible(actor, id=merged_id)
    merge = PersonMerge.objects.select_for_update(of=("self",)).filter(
        county=merged.county, merged=merged, undone_at__isnull=True
    ).first()  # fmt: skip
    if merge is None:
        raise RuleError("not_merged", "这一份没有并到别处")
    people = {person.id: person for person in _pair(actor, merge.kept_id, merged_id)}
    if len(people) != 2:
        raise NotFound
    merged, moved = people[merged_id], merge.moved
    merged.status, merged.merged_into = moved["status"], None
    merged.ended_on = _day(moved["ended_on"])
    merge.kept, merge.merged = people[merge.kept_id], merged
    try:
        with transaction.atomic():
            empty_gaps(actor, merge, clock.now())  # first: a number stands once
            merged.save(update_fields=["status", "merged_into", "ended_on"])
            _restore_memberships(merge)
            _restore_care(merge)
    except IntegrityError as error:
        raise RuleError(
            "cannot_restore", "拆不开：后来的登记占了原来的证件号码、户主或关爱类别，请先改那一份"
        ) from error
    for change_id, area_code in moved["changes"]:
        Change.objects.filter(county=merge.county, id=change_id).update(subject_id=merged_id, area_code=area_code)
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at"])
    note(actor, people[merge.kept_id], "person", "people_unmerged", {"merged": str(merged_id)})
    return merge


def _pair(actor: Actor, first: UUID, second: UUID) -> list[Person]:
    rows = Person.objects.select_for_update(of=("self",)).visible_to(actor).filter(id__in=sorted([first, second]))
    return list(rows.order_by("id"))


def _move_memberships(kept: Person, merged: Person, today: date) -> list[list[str]]:
    """id, day of leaving and relation as they were; the row that made the kept one head as well."""
    own = Membership.objects.filter(county=kept.county, person=kept, to_on__isnull=True).first()
    rows = Membership.objects.filter(county=kept.county, person=merged).order_by("id")
    lines = []
    for row in rows:
        lines.append([str(row.id), str(merged.id), row.to_on.isoformat() if row.to_on else "", row.relation])
        gives_head = False
        if row.to_on is None and own is not None:
            row.to_on = max(today, row.from_on or today)
            gives_head = row.relation == Relation.HEAD and row.household_id == own.household_id
        row.person = kept
        row.save(update_fields=["person", "to_on"])
        if gives_head and own is not None:
            lines.append([str(own.id), str(kept.id), "", own.relation])
            own.relation = Relation.HEAD
            own.save(update_fields=["relation"])
    return lines


def _restore_memberships(merge: PersonMerge) -> None:
    lines = merge.moved["memberships"]
    own = [line for line in lines if line[1] == str(merge.kept_id)]
    for row_id, person_id, to_on, relation in [*own, *(line for line in lines if line not in own)]:
        row = Membership.objects.filter(county=merge.county, id=row_id, person=merge.kept_id).first()
        if row is not None:
            row.person_id = UUID(person_id)
            row.relation = relation
            if row.person_id != merge.kept_id:
                row.to_on = _day(to_on)
            row.save(update_fields=["person", "relation", "to_on"])


def _move_care(kept: Person, merged: Person, today: date) -> list[list[str]]:
    open_kinds = set(
        CareEntry.objects.filter(county=kept.county, person=kept, ended_on__isnull=True).values_list(
            "care_kind", flat=True
        )
    )
    lines = []
    for row in CareEntry.objects.filter(county=kept.county, person=merged).order_by("id"):
        lines.append([str(row.id), row.area_code, row.ended_on.isoformat() if row.ended_on else "", row.reason])
        if row.ended_on is None and row.care_kind in open_kinds:
            row.ended_on, row.reason = max(today, row.started_on), "并档"
        row.person, row.area_code = kept, kept.area_code
        row.save(update_fields=["person", "area_code", "ended_on", "reason"])
    return lines


def _restore_care(merge: PersonMerge) -> None:
    for row_id, area_code, ended_on, reason in merge.moved["care"]:
        row = CareEntry.objects.filter(county=merge.county, id=row_id, person=merge.kept_id).first()
        if row is None:
            continue
        row.person_id, row.area_code = merge.merged_id, area_code
        if row.ended_on is None or row.reason == "并档":
            row.ended_on, row.reason = _day(ended_on), reason
        row.save(update_fields=["person", "area_code", "ended_on", "reason"])


def _move_changes(kept: Person, merged: Person) -> list[list[str]]:
    rows = Change.objects.filter(county=kept.county, subject_id=merged.id)
    lines = [[str(row_id), area] for row_id, area in rows.order_by("id").values_list("id", "area_code")]
    rows.update(subject_id=kept.id, area_code=kept.area_code)
    return lines


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
