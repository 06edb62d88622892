"""基础数据库, so far its door plates: a code on a wall that stands for a place, which holds nothing about who lives there; and 报事源头,
the people of a village who agreed to tell what they see.

Tables: `Plate`, `TrustedReporter`. Deeds: `make_plate`, `make_plates`; `add_source`, `end_source`, `retract_source`, `issue_link`, `revoke_link`,
`see_source`. The pages of 报事源头 are those of `cases`, where what they tell goes. The page behind a plate, `/d/<code>/`, is the portal's.
"""
