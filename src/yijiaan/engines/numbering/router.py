from typing import Any


class OneDatabase:
    """Two connections, one database: nothing is migrated twice, and only `numbering` names the second."""

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        """Rows read by either connection are rows of one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Migrate over the first connection only."""
        return db == "default"
