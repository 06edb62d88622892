from yijiaan.registry.queries.carried import CarriedHousehold, list_carried
from yijiaan.registry.queries.completeness import DUE_DAYS, GridLine, list_completeness, list_due
from yijiaan.registry.queries.found import Hit, find_namesakes, find_person, list_behind_plate, search_base
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
    list_care,
    list_history,
    list_homes,
    list_parts_of,
    list_proposals,
    list_records,
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
    "CODE_LENGTH", "DUE_DAYS", "USE_DAYS", "count_all_uses", "count_uses", "county_of_number", "get_end", "get_own_plate",
    "get_plate_print", "get_plate_style", "get_successor", "list_plate_prints", "list_behind_plate", "list_masks", "list_same_codes", "GridLine", "Hit", "HouseholdPage", "PersonPage", "count_members",
    "find_namesakes", "find_person", "get_change", "get_household_page", "get_person_page", "get_plate", "get_record",
    "get_source", "get_source_by_link", "list_active_in", "list_care", "list_completeness", "list_due", "list_history", "list_homes",
    "list_looks_at", "list_parts_of", "list_plates", "list_proposals", "list_records", "list_sources",
    "list_told_or_linked", "masked_source",
    "records_of", "search_base", "CarriedHousehold", "list_carried",
]  # fmt: skip
