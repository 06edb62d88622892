from yijiaan.oneform.queries.burden import FormBurden, list_form_burdens
from yijiaan.oneform.queries.forms import (
    ColumnCounts,
    count_columns,
    get_form,
    list_asking,
    list_columns,
    list_forms,
    propose_columns,
)
from yijiaan.oneform.queries.units import (
    MOST_PLACES,
    Progress,
    count_units,
    get_row,
    list_carried_forms,
    list_home_units,
    list_missing,
    list_place_units,
    list_progress,
    list_samples,
    rows_of_homes,
    rows_of_places,
)

__all__ = [
    "MOST_PLACES", "ColumnCounts", "FormBurden", "Progress", "count_columns", "count_units", "get_form", "get_row",
    "list_asking", "list_carried_forms", "list_columns", "list_form_burdens", "list_forms", "list_home_units",
    "list_missing", "list_place_units", "list_progress", "list_samples", "propose_columns", "rows_of_homes",
    "rows_of_places",
]  # fmt: skip
