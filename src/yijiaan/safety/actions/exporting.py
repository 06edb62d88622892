from uuid import UUID

from django.db import transaction

from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.actions import request_export
from yijiaan.engines.tabular.models import Export
from yijiaan.safety.permissions import EXPORT

KIND = "safety.hazard"


@transaction.atomic
def export_hazards(*, actor: Actor, query: str, title: str, total_count: int, client_key: UUID) -> Export:
    """Have the ledger, narrowed as on the page, written to a file. RuleErrors of `request_export`."""
    actor.require(EXPORT)
    return request_export(
        actor=actor, kind=KIND, title=title, parameters={"query": query}, total_count=total_count, client_key=client_key
    )
