"""Who asks, as limits count it: what was forwarded is believed from proxies of our own alone, and is never ours."""

import pytest
from django.test import RequestFactory

from apps.common import clients


def asked(peer, forwarded=None, **more):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers, **more)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (1, "10.0.0.2", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.2", None, "10.0.0.2"),
        (1, "", "198.51.100.1", "198.51.100.1"),  # a unix socket
        (1, "203.0.113.7", "198.51.100.1", "203.0.113.7"),  # whoever comes past the proxy
        (1, "::ffff:203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (2, "10.0.0.2", "198.51.100.1", "10.0.0.2"),  # fewer entries than proxies
        (2, "10.0.0.2", "198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (1, "10.0.0.2", "203.0.113.7:4711", "203.0.113.7"),
        (1, "10.0.0.2", '"[2001:db8::7]:4711"', "2001:db8::7"),
        (1, "10.0.0.2", "unknown", "0.0.0.0"),  # noqa: S104
        (1, "10.0.0.2", "", "10.0.0.2"),
        (1, "nonsense", "198.51.100.1", "0.0.0.0"),  # noqa: S104
    ],
)
def test_the_address(settings, proxies, peer, forwarded, address):
    settings.PROXIES = proxies
    request = asked(peer, forwarded)
    assert clients.address_of(request) == address
    assert clients.network_of_environ(request.META) == clients.network_of(request)


def test_other_proxies_can_be_named(settings):
    settings.PROXIES, settings.PROXY_NETWORKS = 1, ["203.0.113.0/24", "2001:db8::/32"]
    assert clients.address_of(asked("203.0.113.7", "198.51.100.1")) == "198.51.100.1"
    assert clients.address_of(asked("2001:db8::1", "198.51.100.1")) == "198.51.100.1"
    assert clients.address_of(asked("10.0.0.2", "198.51.100.1")) == "10.0.0.2"


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_the_machine_itself_is_exempt_only_when_nothing_was_forwarded(settings, proxies):
    settings.PROXIES = proxies
    for peer in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert clients.is_own(asked(peer))
        for header in clients.FORWARDED:
            assert not clients.is_own(asked(peer, **{header: "127.0.0.1"}))
    assert not clients.is_own(asked("10.0.0.2", "127.0.0.1"))
    assert not clients.is_own(asked(""))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:0:1ff::1", "2001:db8:0:100::/56"),
        ("no address", "0.0.0.0/24"),
    ],
)
def test_one_network(address, network):
    assert clients.network_of_address(address) == network


@pytest.mark.django_db
def test_a_proxy_that_nobody_named_lifts_no_limit(client, settings):
    """As behind a proxy on the same machine where PROXIES was forgotten."""
    settings.PAGE_RATES = {**settings.PAGE_RATES, "PAGES": "2/minute"}
    settings.PROXIES = 0
    ask = [
        client.get("/en/method/", HTTP_X_FORWARDED_FOR=f"198.51.{last}.1").status_code for last in range(3)
    ]
    assert ask == [200, 200, 429]
    assert client.get("/en/method/").status_code == 200
