"""What patrols does on the news of base data: arrangements to visit follow the care lists and the people on them."""

from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.patrols.actions import follow_care
from yijiaan.registry.models import Membership

OF_PERSON = (
    "registry.care_added", "registry.care_ended", "registry.moved_in", "registry.moved_out", "registry.death_recorded",
    "registry.people_merged", "registry.people_unmerged", "registry.facts_changed", "registry.change_confirmed",
    "registry.change_undone",
)  # fmt: skip


def follow_person(entry: Entry) -> None:
    """Somebody came onto a list, left it, moved or died; or a household lies elsewhere now."""
    people = [entry.subject_id]
    if entry.subject_type == "registry.household":
        living = Membership.objects.filter(county=entry.county, household_id=entry.subject_id, to_on__isnull=True)
        people = list(living.values_list("person_id", flat=True))
    elif entry.subject_type != "registry.person":
        return
    follow_care(actor=system("journal", entry.county), person_ids=people)


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("patrols.follow_person", OF_PERSON, follow_person)
