from yijiaan.registry.queries.carried import CarriedHousehold, list_carried
from yijiaan.registry.queries.completeness import DUE_DAYS, GridLine, list_completeness, list_due
from yijiaan.registry.queries.found import Hit, find_namesakes, find_person, search_base
from yijiaan.registry.queries.plates import CODE_LENGTH, get_plate, list_plates
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
    "CODE_LENGTH", "DUE_DAYS", "GridLine", "Hit", "HouseholdPage", "PersonPage", "count_members",
    "find_namesakes", "find_person", "get_change", "get_household_page", "get_person_page", "get_plate", "get_record",
    "get_source", "get_source_by_link", "label_of_change", "list_active_in", "list_care", "list_completeness", "list_due", "list_history", "list_homes", "list_latest", "list_my_changes",
    "list_looks_at", "list_parts_of", "list_plates", "list_proposals", "list_records", "list_sources",
    "list_told_or_linked", "masked_source",
    "records_of", "search_base", "CarriedHousehold", "list_carried",
]  # fmt: skip
