from yijiaan.connectors.actions.inbound import forget_waiting
from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic


@periodic("15 19 * * *")
def forget_messages_without_orders() -> None:
    """Every night at 3:15 in Shandong: what has waited two months for its order is refused."""
    forget_waiting(actor=system("forget_messages_without_orders"))
