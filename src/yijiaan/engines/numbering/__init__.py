"""Running numbers without a hot row: a process takes a block of a series in a transaction of its own and hands it out.

Table: `Series`. Deed: `take`. Numbers are unique within a series and rise within a process; gaps are allowed, order across processes is not promised.
"""
