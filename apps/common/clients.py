"""A request's client address, and the network it is counted by."""

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address

NETWORK: Final = {4: 24, 6: 56}  # bits that are one customer's
NOBODY: Final = "0.0.0.0"  # noqa: S104 an address to write down, none to listen on
# What a proxy adds: a request that bears one of them was not asked by the peer itself.
FORWARDED: Final = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
    "HTTP_CF_CONNECTING_IP",
)


def address_of(request: HttpRequest) -> str:
    """Return the client's address; 0.0.0.0 where there is none.

    X-Forwarded-For is believed only as far as there are proxies of our own (settings.PROXIES), and only from a peer in
    settings.PROXY_NETWORKS: each proxy adds the address that it answers at the end, and what stands before may be made up
    by anybody.
    """
    meta = request.META
    return _address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""))


def network_of(request: HttpRequest) -> str:
    """Return the client's /24 or /56, by which anonymous requests are counted."""
    return network_of_address(address_of(request))


def network_of_address(address: str) -> str:
    """Return the /24 or /56 of an address; what is none counts as 0.0.0.0."""
    parsed = parse_address(address) or IPv4Address(NOBODY)
    return str(ip_network((parsed, NETWORK[parsed.version]), strict=False))


def network_of_environ(environ: dict[str, str]) -> str:
    """Return the same as `network_of`, of a WSGI request that Django has not seen."""
    return network_of_address(
        _address(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
    )


def is_own(request: HttpRequest) -> bool:
    """Tell whether this machine itself asks: from the loopback, and for nobody else.

    Whatever was forwarded is somebody else's, also where PROXIES does not know of that proxy: limits hold.
    """
    return is_own_environ(request.META)


def is_own_environ(environ: dict[str, str]) -> bool:
    """Tell the same of a WSGI request that Django has not seen."""
    peer = parse_address(environ.get("REMOTE_ADDR", ""))
    return peer is not None and peer.is_loopback and not any(environ.get(name) for name in FORWARDED)


def parse_address(text: str) -> Address | None:
    """Return an address as proxies write it ("[2001:db8::1]:443", "203.0.113.7:80"); None for what is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _address(peer: str, forwarded: str) -> str:
    if settings.PROXIES and is_proxy(peer):
        entries = forwarded.split(",")
        if len(entries) >= settings.PROXIES and forwarded.strip():
            peer = entries[-settings.PROXIES]
    parsed = parse_address(peer)
    return str(parsed) if parsed else NOBODY


def is_proxy(peer: str) -> bool:
    """Tell whether a proxy of ours may speak from there; a unix socket, which has no address, is ours."""
    parsed = parse_address(peer)
    if parsed is None:
        return not peer
    return any(
        parsed in network
        for network in _networks(tuple(settings.PROXY_NETWORKS))
        if network.version == parsed.version
    )


@cache
def _networks(written: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(network) for network in written]
