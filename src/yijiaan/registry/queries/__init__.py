from yijiaan.registry.queries.beside import list_changed_since, list_two_sides
from yijiaan.registry.queries.carried import CarriedHousehold, list_carried
from yijiaan.registry.queries.completeness import (
    DUE_DAYS,
    Completeness,
    GridLine,
    count_now,
    list_due,
    read_completeness,
)
from yijiaan.registry.queries.found import Hit, find_namesakes, find_person, list_behind_plate, search_base
from yijiaan.registry.queries.grounds import points_of_homes, stands_at_homes, stands_of_households, stands_of_people
from yijiaan.registry.queries.ledgers import (
    list_built_on,
    list_homes_of,
    list_households_at,
    list_like,
    list_made_households,
    list_members,
    list_named_in,
    list_numbered_households,
    list_numbered_people,
    list_records_by_id,
)
from yijiaan.registry.queries.plates import (
    CODE_LENGTH,
    USE_DAYS,
    count_all_uses,
    count_uses,
    county_of_number,
    get_end,
    get_own_plate,
    get_plate,
    get_plate_print,
    get_plate_style,
    get_successor,
    list_masks,
    list_plate_prints,
    list_plates,
    list_same_codes,
)
from yijiaan.registry.queries.records import (
    HouseholdPage,
    PersonPage,
    count_members,
    get_change,
    get_household_page,
    get_person_page,
    get_record,
    label_of_change,
    list_care,
    list_history,
    list_homes,
    list_latest,
    list_my_changes,
    list_parts_of,
    list_proposals,
    list_records,
    list_rooms_near,
    records_of,
)
from yijiaan.registry.queries.sources import (
    get_source,
    get_source_by_link,
    list_active_in,
    list_looks_at,
    list_sources,
    list_told_or_linked,
    masked_source,
)

__all__ = [
    "CODE_LENGTH", "CarriedHousehold", "Completeness", "DUE_DAYS", "GridLine", "Hit", "HouseholdPage", "PersonPage",
    "USE_DAYS", "count_all_uses", "count_members", "count_now", "count_uses", "county_of_number", "find_namesakes",
    "find_person", "get_change", "get_end", "get_household_page", "get_own_plate", "get_person_page", "get_plate",
    "get_plate_print", "get_plate_style", "get_record", "get_source", "get_source_by_link", "get_successor",
    "label_of_change", "list_active_in", "list_behind_plate", "list_built_on", "list_care", "list_carried",
    "list_changed_since", "list_due", "list_history", "list_homes", "list_homes_of", "list_households_at",
    "list_latest", "list_like", "list_looks_at", "list_made_households", "list_masks", "list_members",
    "list_my_changes", "list_named_in", "list_numbered_households", "list_numbered_people", "list_parts_of",
    "list_plate_prints", "list_plates", "list_proposals", "list_records", "list_records_by_id", "list_rooms_near",
    "list_same_codes", "list_sources", "list_told_or_linked", "list_two_sides", "masked_source", "points_of_homes",
    "read_completeness", "records_of", "search_base", "stands_at_homes", "stands_of_households", "stands_of_people",
]  # fmt: skip
