from yijiaan.operations.actions.backups import back_up, keep_newest_nightly
from yijiaan.operations.actions.restoring import restore

__all__ = ["back_up", "keep_newest_nightly", "restore"]
