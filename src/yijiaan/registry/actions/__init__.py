from yijiaan.registry.actions.plates import MOST_AT_ONCE, make_plate, make_plates
from yijiaan.registry.actions.sources import (
    PURPOSES,
    SourceFacts,
    add_source,
    end_source,
    issue_link,
    revoke_link,
    see_source,
)

__all__ = [
    "PURPOSES",
    "MOST_AT_ONCE",
    "SourceFacts",
    "add_source",
    "end_source",
    "issue_link",
    "make_plate",
    "make_plates",
    "revoke_link",
    "see_source",
]
