from yijiaan.registry.actions.plates import MOST_AT_ONCE, make_plate, make_plates
from yijiaan.registry.actions.sources import (
    PURPOSES,
    SourceFacts,
    add_source,
    end_source,
    issue_link,
    retract_source,
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
    "retract_source",
    "revoke_link",
    "see_source",
]
