"""Tables that leave and enter as files.

Out: a long list written to xlsx in the background. Table: `Export`, one wish of one post. An app names its lists
(`providers.register_export`) and queues a wish by `actions.request_export`.

In: a ledger that somebody brings, column by column explained, checked, written and, if need be, taken back as one deed. Tables:
`Import`, `Layout` (columns explained once), `ImportLine` (lines to look at), `ImportedRow` (what undo needs). An app names what
ledgers can be imported into (`targets.register_target`). Reading: `opening` → `headings` → `values`; deeds: `actions`.

Files lie under the setting `EXPORTS`, those that came in sealed, and go after some days. The pages are the portal's.
"""
