"""安全: what could hurt somebody, found, graded, put right, looked at again by somebody else, and written off with a number.

Tables: `Hazard` (隐患), `HazardStep` (its deeds in words), `LedgerYear` and `CarryOver` (the books of a town and year, which close only
when opened = written off + carried over), `Inspection` (a checklist gone through at a place) and `Inspector`. States: `flows.py`.
Deeds: `actions/`. A hazard may be handed over to a case and comes back by the journal (`subscribers.py`).
"""
