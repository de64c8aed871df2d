"""Tell addresses on the public internet from private ones, for hosts that somebody typed in."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

# Handed out for public hosts; all else of IPv6 is local, kept for something, or an IPv4 address in other clothes: NAT64
# (64:ff9b::/96, 64:ff9b:1::/48), IPv4-compatible (::/96), translated (::ffff:0:0:0/96), site-local (fec0::/10), multicast (ff00::/8).
UNICAST: Final = ip_network("2000::/3")
NOT_PUBLIC: Final = tuple(
    map(
        ip_network,
        (
            "2002::/16",  # 6to4: holds an IPv4 address
            "2001::/23",  # Teredo and other protocols
            "3fff::/20",  # documentation, as 2001:db8::/32, which Python knows
            "192.0.0.0/24",  # protocols
            "192.88.99.0/24",  # relays of 6to4
        ),
    )
)
ISATAP: Final = (0x00005EFE, 0x02005EFE)  # before an IPv4 address, in the last 64 bits


def is_public(address: str) -> bool:
    """Tell whether the address of a host, in numbers, leads to the public internet and to one host there."""
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)  # a socket of IPv6 reaches IPv4 by such an address
    return _is_public(mapped or parsed)


def is_printable(url: str) -> bool:
    """Tell whether an address has neither control characters nor blanks, which parsers drop unseen or take differently."""
    return url.isprintable() and not any(sign.isspace() for sign in url)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if any(address in network for network in NOT_PUBLIC if network.version == address.version):
        return False
    if isinstance(address, IPv4Address):
        return True
    is_isatap = (int(address) >> 32) & 0xFFFFFFFF in ISATAP
    return address in UNICAST and not is_isatap
