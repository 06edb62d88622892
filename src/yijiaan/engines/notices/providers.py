"""Who carries messages to persons outside: an app above registers the carrier, senders of messages ask how it stands."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether SMS can be sent from a county, and with which address links begin (no slash at the end)."""

    is_ready: bool
    site: str = ""


class Carrier(Protocol):
    """Sends SMS; `standing` is asked for each batch of messages and should be cheap."""

    def standing(self, county: str) -> Standing:
        """How it stands in a county."""
        ...


class _Nobody:
    def standing(self, county: str) -> Standing:
        return Standing(is_ready=False)


_carrier: Carrier = _Nobody()


def register_carrier(carrier: Carrier) -> None:
    """Called once by the app that sends SMS, when the apps are ready."""
    global _carrier
    _carrier = carrier


def standing_in(county: str) -> Standing:
    """How the carrier of SMS stands in a county; nobody ready where no app registered one."""
    return _carrier.standing(county)
