"""Who asks: the address that a request comes from, and the network it is counted by."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

NETWORK = {4: 24, 6: 56}  # bits that are one customer's
NOBODY = "0.0.0.0"  # noqa: S104 an address to write down, none to listen on


def address_of(request: HttpRequest) -> str:
    """The client's address; 0.0.0.0 where there is none.

    X-Forwarded-For is believed only as far as there are proxies of our own (settings.PROXIES): each adds the address
    that it answers at the end, and what stands before may be made up by anybody.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        found = told[-settings.PROXIES] if len(told) >= settings.PROXIES else found
    parsed = _parsed(found)
    return str(parsed) if parsed else NOBODY


def network_of(request: HttpRequest) -> str:
    """The client's /24 or /56, by which anonymous requests are counted."""
    parsed = ip_address(address_of(request))
    return str(ip_network((parsed, NETWORK[parsed.version]), strict=False))


def is_own(request: HttpRequest) -> bool:
    """Whether it comes from this machine itself."""
    return ip_address(address_of(request)).is_loopback


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
