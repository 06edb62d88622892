"""What patrols does on the news of base data: arrangements to visit follow the care lists and the people on them."""

from yijiaan.areas.providers import register_tally
from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe, subscribe_many
from yijiaan.patrols.actions import follow_care, follow_homes, follow_redraw
from yijiaan.patrols.queries import stands_of_arrangements, stands_of_visits
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
        follow_homes(actor=system("journal", entry.county), household_ids=[entry.subject_id])
        living = Membership.objects.filter(county=entry.county, household_id=entry.subject_id, to_on__isnull=True)
        people = list(living.values_list("person_id", flat=True))
    elif entry.subject_type != "registry.person":
        return
    follow_care(actor=system("journal", entry.county), person_ids=people)


def follow_grids(county: str, entries: list[Entry]) -> None:
    """Households and people lie in other grids since these were redrawn: who visits them finds them there."""
    here = system("redraw", county)
    people = [entry.subject_id for entry in entries if entry.subject_type == "registry.person"]
    homes = [entry.subject_id for entry in entries if entry.subject_type == "registry.household"]
    if people:
        follow_care(actor=here, person_ids=people)
    if homes:
        follow_homes(actor=here, household_ids=homes)


def follow_ground(entry: Entry) -> None:
    """Ways to walk lie in other grids."""
    follow_redraw(actor=system("redraw", entry.county), county=entry.county, before=entry.data["before"])


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("patrols.follow_person", OF_PERSON, follow_person)
    subscribe("patrols.follow_ground", ("areas.redraw_in_force",), follow_ground)
    subscribe_many("patrols.follow_grids", follow_grids, ("registry.grid_followed",))
    register_tally("走访安排", "个", stands_of_arrangements)
    register_tally("近一年的走访", "次", stands_of_visits)
