from yijiaan.operations.actions.backups import back_up, keep_newest_nightly
from yijiaan.operations.actions.jobs import retry_job
from yijiaan.operations.actions.restoring import restore
from yijiaan.operations.actions.retention import purge_expired, set_retention

__all__ = ["back_up", "keep_newest_nightly", "purge_expired", "restore", "retry_job", "set_retention"]
