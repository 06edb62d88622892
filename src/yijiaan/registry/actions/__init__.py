from yijiaan.registry.actions.bulk import (
    Draft,
    Edit,
    Former,
    add_in_bulk,
    change_in_bulk,
    restore_in_bulk,
    retract_in_bulk,
)
from yijiaan.registry.actions.care import CareFacts, add_care, end_care, review_care
from yijiaan.registry.actions.changing import add_record, change_facts, end_record, look_over
from yijiaan.registry.actions.counting import count_all_bases, count_base
from yijiaan.registry.actions.deciding import confirm_change, refuse_change, undo_change
from yijiaan.registry.actions.looking import LOOKS, see_identity
from yijiaan.registry.actions.merging import merge_people, unmerge_people
from yijiaan.registry.actions.moving import (
    add_person,
    change_relation,
    move_in,
    move_out,
    record_birth,
    record_death,
    set_head,
)
from yijiaan.registry.actions.plate_ends import replace_plate, revoke_plate
from yijiaan.registry.actions.plate_numbering import set_plate_numbering
from yijiaan.registry.actions.plate_prints import request_plate_print, set_plate_style, write_plate_print
from yijiaan.registry.actions.plate_uses import count_plate_use
from yijiaan.registry.actions.plates import MOST_AT_ONCE, make_plate, make_plates
from yijiaan.registry.actions.redrawn import follow_redraw
from yijiaan.registry.actions.rooms import set_room
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
    "LOOKS",
    "MOST_AT_ONCE",
    "PURPOSES",
    "CareFacts",
    "Draft",
    "Edit",
    "Former",
    "SourceFacts",
    "add_in_bulk",
    "add_care",
    "add_person",
    "add_record",
    "add_source",
    "change_facts",
    "change_in_bulk",
    "change_relation",
    "confirm_change",
    "count_all_bases",
    "count_base",
    "count_plate_use",
    "end_care",
    "end_record",
    "end_source",
    "follow_redraw",
    "issue_link",
    "look_over",
    "make_plate",
    "make_plates",
    "restore_in_bulk",
    "retract_in_bulk",
    "retract_source",
    "merge_people",
    "move_in",
    "move_out",
    "record_birth",
    "record_death",
    "refuse_change",
    "replace_plate",
    "request_plate_print",
    "review_care",
    "revoke_link",
    "revoke_plate",
    "see_identity",
    "see_source",
    "set_head",
    "set_plate_numbering",
    "set_plate_style",
    "set_room",
    "undo_change",
    "unmerge_people",
    "write_plate_print",
]
