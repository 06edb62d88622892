"""Sentences that an installation may word its own way: what a reporter reads, what a unit is told.

An app declares each with its shipped wording and the names that may stand in it (`providers.declare`); pages ask `queries.say`.
Table: `Wording`, one row a sentence that was changed, or that is worded apart in one scope (a category, say). Deeds: `change_wording`, `restore_wording`.
"""
