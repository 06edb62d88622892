"""One row per deed: audit, timeline, field history and outbox in one.

Tables: `Entry` (insert-only) and `Delivery` (what subscribers still owe). `actions.record` writes both in the deed's own
transaction; `subscribers.subscribe` names the verbs an app wants; `jobs.deliver` hands them over, in batches, after commit.
Personal values and free text never enter `Entry.data`.
"""
