"""Taking a pasted text apart. Nothing is ever fetched; which parts name an account each platform's module knows."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from apps.collectors.types import NotAnAccount, Refusal

LONGEST: Final = 2000
WRAPPERS: Final = {"<": ">", '"': '"', "'": "'", "«": "»", "“": "”", "„": "“", "(": ")", "[": "]", "`": "`"}
INVISIBLE: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
HOST: Final = re.compile(r"[^\s/@?#:.][^\s/@?#:]*\.[^\s/@?#:.]{2,}\.?")
# Hosts of the platforms below which their help, their tools and their news stand, and no accounts.
_SERVICES: Final = (
    "about ads adsmanager analytics api apps blog brand business careers cdn connect creators dev "
    "developer developers docs edu graph help id insights investor investors legal login marketing "
    "newsroom oauth partner partners pay platform press privacy publish safety static status support "
    "transparency tv widgets workplace "
)
SERVICES: Final = frozenset(_SERVICES.split())
FILES: Final = (".php", ".js", ".html", ".htm", ".aspx")  # of the platform; no account is called so


@dataclass(frozen=True)
class Address:
    """The parts of an address, percent-decoded and in NFC; host in lower case, without port and trailing dot."""

    scheme: str
    host: str
    path: tuple[str, ...]  # segments, the empty ones left out
    query: dict[str, str]  # the first value of each name

    def part(self, number: int) -> str:
        """Return a segment of the path, "" beyond its end."""
        return self.path[number] if number < len(self.path) else ""

    @property
    def seen(self) -> str:
        """Return host and path, for the one who pasted it."""
        return "/".join((self.host, *self.path))


def clean(text: str) -> str:
    """Return the text without what comes along when copying: spaces, invisible marks, brackets, quotes, a trailing
    comma.

    Raises NotAnAccount when nothing is left or it is longer than any address.
    """
    text = INVISIBLE.sub("", text[: LONGEST + 1]).strip()
    if len(text) > LONGEST:
        raise NotAnAccount(Refusal.BAD_HANDLE, text)
    for _ in range(4):
        text = text.strip().rstrip(",;").strip()
        if len(text) >= 2 and WRAPPERS.get(text[0]) == text[-1]:
            text = text[1:-1]
    if not text:
        raise NotAnAccount(Refusal.EMPTY, "")
    return unicodedata.normalize("NFC", text)


def read(text: str, hosts: tuple[str, ...] = ()) -> Address | None:
    """Return the address in a cleaned text, None where it is a bare name.

    Without a scheme it is an address when its first part looks like a host and something follows it, or when that
    part is one of `hosts` (or under one): "name.kz" alone may be a handle.
    """
    scheme = SCHEME.match(text)
    if not scheme:
        text = text.removeprefix("//")
        first = re.split(r"[/?#]", text, maxsplit=1)[0]
        host = first.partition(":")[0]
        if not HOST.fullmatch(host) or not ("/" in text or is_under(host.lower(), hosts)):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        found = (parts.hostname or "").rstrip(".").lower()
        query = parse_qsl(parts.query, keep_blank_values=True, errors="replace", max_num_fields=100)
    except ValueError:
        raise NotAnAccount(Refusal.UNKNOWN_HOST, text) from None
    return Address(
        parts.scheme.lower(),
        found,
        tuple(decode(part) for part in parts.path.split("/") if part),
        {name: unicodedata.normalize("NFC", value) for name, value in reversed(query)},
    )


def decode(part: str) -> str:
    """Percent-decode; what is no UTF-8 becomes a mark that no handle holds."""
    return unicodedata.normalize("NFC", unquote(part, errors="replace")).strip()


def is_under(host: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether the host is one of these or a subdomain of one."""
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def read_pasted(
    text: str, hosts: tuple[str, ...], others: tuple[str, ...] = (), *, names_below: bool = False
) -> tuple[Address | None, str]:
    """Return the address of one of the platform's hosts (`others`: exact ones), or a bare name without its @.

    Exactly one of the two is there. Raises NotAnAccount for another host's address, and for that of a service of the
    platform's own unless there are accounts or tools below the platform's (`names_below`: press.t.me, api.whatsapp.com).
    """
    text = clean(text)
    address = read(text, (*hosts, *others))
    if address is None:
        return None, text.removeprefix("@").strip()
    if not is_under(address.host, hosts) and address.host not in others:
        raise NotAnAccount(Refusal.UNKNOWN_HOST, address.host or text)
    if not names_below and is_service(address.host, hosts):
        raise NotAnAccount(Refusal.RESERVED, address.seen)
    return address, ""


def is_service(host: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether a host is one of the platform's own services below its hosts: help.x.com, about.instagram.com."""
    below = next((host.removesuffix(f".{known}") for known in hosts if host.endswith(f".{known}")), "")
    return below.rpartition(".")[2] in SERVICES


def name_or_refuse(name: str, shape: re.Pattern[str], reserved: dict[str, Refusal] | None = None) -> str:
    """Return the name without a leading @; raises NotAnAccount(BAD_HANDLE) where it has not the shape of one.

    `reserved` is for platforms whose accounts share their addresses' first place with pages of the platform.
    """
    name = name.removeprefix("@")
    if reserved and name.lower() in reserved:
        raise NotAnAccount(reserved[name.lower()], name)
    if not shape.fullmatch(name):
        raise NotAnAccount(Refusal.BAD_HANDLE, name)
    return name


def refuse_reserved(address: Address, reserved: dict[str, Refusal]) -> None:
    """Raises NotAnAccount where the first segment is no name but a page of the platform; also where there is none."""
    first = address.part(0).lower()
    if not first:
        raise NotAnAccount(Refusal.RESERVED, address.seen)
    if first in reserved or first.endswith(FILES):
        raise NotAnAccount(reserved.get(first, Refusal.RESERVED), address.seen)


def words(refusal: Refusal, text: str) -> dict[str, Refusal]:
    """Return a table for refuse_reserved: each of the words means this refusal."""
    return dict.fromkeys(text.split(), refusal)
