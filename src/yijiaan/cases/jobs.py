from procrastinate.contrib.django import app

from yijiaan.cases.actions import close_unanswered
from yijiaan.core.scope import system


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="close_unanswered_callbacks")
def close_unanswered_callbacks(timestamp: int) -> None:
    """Every hour: what nobody answered within a week is closed as unreachable."""
    close_unanswered(actor=system("close_unanswered_callbacks"))
