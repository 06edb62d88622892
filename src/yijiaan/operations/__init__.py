"""运行维护: what keeps an installation alive. Backup and restore, the operations page, metrics, retention with its purge.

Tables: `Backup` (each copy that was made), `Retention` (how long a kind of record is kept), `Purge` (what was deleted, how many,
before when). Deeds: `back_up`, `restore`, `purge_expired`, `set_retention`, `retry_job`. Kinds of records come from
the apps that own them, through `jobs.providers.register_retention`; the journal is never purged.
"""
