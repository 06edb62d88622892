"""基础数据库, so far its door plates: a code on a wall that stands for a place. It holds nothing about who lives there.

Table: `Plate`. Deeds: `make_plate`, `make_plates`. The page behind a plate, `/d/<code>/`, is the portal's.
"""
