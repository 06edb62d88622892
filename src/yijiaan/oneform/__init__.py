"""一表通: a form that comes from above is filled from the base; only what the base does not know is asked, once.

Tables: `OneForm` with `FormArea` (where) and `FormColumn` (what each column is filled from), `Filling` (somebody told what was missing
of one unit), `FormAnswer` (one thing told, shared by all forms that ask the same), `LabelMeaning` (what a label meant last time).
Rows are never kept: `deriving.py` makes them from the base when they are looked at. `catalogue.py` says what a column can be,
`matching.py` proposes it by its label, `gaps.py` counts in the database what is missing.

Deeds: register, map columns, publish, answer for one unit (facts go back to `registry` as changes from `form:…`), close, export.
A form states issuer, legal basis, last day and minutes; after its last day nothing is asked any more. Nobody is ranked.
"""
