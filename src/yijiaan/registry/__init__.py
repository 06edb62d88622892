"""基础数据库: who lives where, houses, organisations, places, facilities, vehicles, each fact with its source and day; 关爱对象;
数字门牌, a code on a wall that holds nothing about who lives there; 报事源头, people who agreed to tell what they see.

Tables: `Household`, `Person`, `Membership`, `PersonMerge`, `CareEntry`, `Building`, `Room`, `Organisation`, `Place`, `Facility`,
`Vehicle`, `Change`, `Plate` (with `PlateEnd`, `PlateDay`, `PlatePrint`), `TrustedReporter`. The facts of each kind stand in
`fields.KINDS`; forms, pages and history derive from it.
Deeds: `add_record`, `add_person`, `change_facts`, `confirm_change`, `refuse_change`, `undo_change`, `move_in`, `move_out`,
`record_birth`, `record_death`, `set_head`, `merge_people`, `add_care`, `look_over`, `see_identity`; `make_plates`, `replace_plate`; `add_source`, `retract_source`.
Ledgers come in by `importing`, whose rows `actions.bulk` writes: `add_in_bulk`, `change_in_bulk`, `restore_in_bulk`, `retract_in_bulk`.
Who may confirm changes at once, others propose. Pages: `/base/`, on the phone `/field/base/`; those of 报事源头 are `cases`'s.
"""
