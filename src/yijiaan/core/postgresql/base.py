from typing import Any

from django.db.backends.postgresql import base

from yijiaan.core.postgresql import lookups  # noqa: F401 - registers them
from yijiaan.core.postgresql.features import DatabaseFeatures
from yijiaan.core.postgresql.pool import check_when_idle


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    @property
    def pool(self) -> Any:
        """Django's pool with our check: Django itself offers a check at every request or none."""
        pool = super().pool
        if pool is not None:
            pool._check = check_when_idle
        return pool
