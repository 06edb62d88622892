"""Where a request really comes from, when a proxy of ours stands in front."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address


class RealAddress:
    """Puts the client's address into REMOTE_ADDR when a trusted proxy brings the request; nobody else's word is taken.

    Stands before everything that asks for the address: limits at public doors, lock-out, the list of sign-ins.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXIES:
            given = request.META.pop("HTTP_X_FORWARDED_FOR", "")
            if is_trusted(_address(request.META.get("REMOTE_ADDR", ""))):
                if given:
                    request.META["REMOTE_ADDR"] = str(_client(given) or request.META["REMOTE_ADDR"])
                    request.META["HTTP_X_FORWARDED_FOR"] = given  # that it came through a proxy stays known
            else:
                # who comes past the proxy does not say that he came by TLS
                request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)


def is_trusted(address: Address | None) -> bool:
    """Whether this is a proxy of ours."""
    return address is not None and any(address in network for network in settings.PROXIES)


def _client(given: str) -> Address | None:
    """The last address that is not a proxy's: what stands before it, the client may have written himself."""
    for word in reversed(given.split(",")):
        address = _address(word)
        if address is None or not is_trusted(address):
            return address
    return None


def _address(word: str) -> Address | None:
    try:
        address = ip_address(word.strip().strip("[]"))
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
