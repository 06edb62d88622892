"""The address of a request: the client's when our own proxy brings it, and nobody else is believed."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from yijiaan.project import environment
from yijiaan.project.proxies import RealAddress


def seen(remote: str, **headers: str) -> HttpRequest:
    """The request as views meet it."""
    met: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        met.append(request)
        return HttpResponse()

    RealAddress(view)(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))
    return met[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.1.2.3", "198.51.100.9, 203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, nonsense", "127.0.0.1"),
        ("203.0.113.50", "198.51.100.9", "203.0.113.50"),
        ("", "198.51.100.9", ""),
    ],
)
def test_only_a_trusted_proxy_names_the_client(settings, remote: str, forwarded: str, address: str) -> None:
    settings.PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]
    assert seen(remote, HTTP_X_FORWARDED_FOR=forwarded).META["REMOTE_ADDR"] == address


def test_whether_a_proxy_brought_it_stays_known(settings) -> None:
    settings.PROXIES = [ip_network("127.0.0.1")]
    assert "HTTP_X_FORWARDED_FOR" in seen("127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7").META
    # this machine itself, past the proxy: it may read the metrics
    assert "HTTP_X_FORWARDED_FOR" not in seen("127.0.0.1").META


def test_past_the_proxy_nobody_claims_tls(settings) -> None:
    settings.PROXIES = [ip_network("127.0.0.1")]
    assert "HTTP_X_FORWARDED_PROTO" not in seen("203.0.113.50", HTTP_X_FORWARDED_PROTO="https").META
    assert seen("127.0.0.1", HTTP_X_FORWARDED_PROTO="https").META["HTTP_X_FORWARDED_PROTO"] == "https"


def test_without_proxies_nothing_is_touched(settings) -> None:
    settings.PROXIES = []
    assert seen("203.0.113.50", HTTP_X_FORWARDED_FOR="198.51.100.9").META["REMOTE_ADDR"] == "203.0.113.50"


def test_a_bad_list_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIJIAAN_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert environment.networks("YIJIAAN_PROXIES") == [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]
    monkeypatch.setenv("YIJIAAN_PROXIES", "proxy.example")
    with pytest.raises(ImproperlyConfigured, match="YIJIAAN_PROXIES"):
        environment.networks("YIJIAAN_PROXIES")
