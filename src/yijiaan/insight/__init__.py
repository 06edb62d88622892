"""数据驾驶舱: figures that open to what they count. Reads everything, changes no other app's rows, has no tables of its own.

Terms: indicator (指标: label, formula, cut-off), figure (an indicator's value now, with its course and one comparison), worry (要紧事:
what a rule found in the rows), drill (下钻: which list shows exactly what a figure counts). Main reads: get_board, get_records,
get_burden (负担表), list_roles_by_place (八大员).
"""
