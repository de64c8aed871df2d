"""Reading a few pages of a body's own site: home and contacts, within bounds of number, size, time and place."""

import codecs
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from apps.collectors.sites import robots
from apps.collectors.sites.judging import Judged, judge
from apps.collectors.sites.links import bare_host
from apps.collectors.sites.pages import PageLinks, read_page
from apps.common.http import REDIRECTS, Client, Failed, Response
from apps.common.public_addresses import is_public

MOST_REQUESTS: Final = 5  # robots.txt and every step of a redirect among them
MOST_CONTACT_PAGES: Final = 2
LARGEST_PAGE: Final = 2_000_000  # bytes, after decompression
PAGE_SECONDS: Final = 15.0
SITE_SECONDS: Final = 45.0
LOCAL_NAMES: Final = frozenset(("localhost", "local", "internal", "lan", "home", "intranet"))
PORTS: Final = {"http": 80, "https": 443}
CONTACTS: Final = re.compile(
    r"contact|kontakt|контакт|байланыс|feedback|обратная[-_ ]связь|about/?$", re.IGNORECASE
)
CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
# Python knows codecs beside these that take minutes, or that are none of text.
CHARSETS: Final = re.compile(
    r"utf-?8|(?:windows|cp)-?(?:125[0-8]|866)|koi8-?[rut]|iso-?8859-?\d\d?|us-ascii|latin-?1|gb2312|gbk|gb18030|big5|euc-(?:kr|jp)|shift_jis",
    re.IGNORECASE,
)
BYTE_ORDERS: Final = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


class Refusal(Exception):
    """A site that cannot or may not be read. `code`: one of CODES; `detail` is for editors."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


CODES: Final = frozenset((
    "not_a_site", "private_address", "other_host", "robots", "too_large", "timeout", "connection", "truncated",
    "encoding", "too_many_redirects", "bad_redirect", "not_html", "scripts", "status",
))  # fmt: skip
OF_ADDRESSES: Final = {"redirect": "bad_redirect", "address": "not_a_site"}  # by the code of http.Failed


@dataclass(frozen=True)
class SiteReading:
    """What a site's pages name: every account with its verdict, and the pages that were read."""

    site: str
    pages: tuple[str, ...]
    accounts: tuple[Judged, ...]
    refused: int  # share buttons, videos and the like
    requests: int
    problems: tuple[
        tuple[str, str], ...
    ] = ()  # (page, code) of pages beside the first that could not be read


@dataclass
class Visit:
    """One site being read: what may still be asked of it."""

    client: Client
    site: str
    wait: Callable[[float], None]
    ends_at: float
    requests: int = 0
    rules: dict[str, robots.Robots] = field(default_factory=dict)  # by origin
    moves: dict[str, str] = field(
        default_factory=dict
    )  # origin -> the one to which it sent for its robots.txt
    delay: float = 0.0

    def fetch(self, address: str) -> tuple[str, Response]:
        """Ask for a page and follow redirects inside the site; return where it was found. Raises Refusal."""
        for _ in range(MOST_REQUESTS):
            self.check(address)
            address = self.move(address)
            response = self.send(address)
            if response.status not in REDIRECTS or "location" not in response.headers:
                return address, response
            address = self.follow(address, response.headers["location"])
        raise Refusal("too_many_redirects")

    def follow(self, address: str, location: str) -> str:
        """Return where a page sends its readers, if it may be read. Raises Refusal."""
        try:
            place = resolve(address, location)
            check_place(place)
        except Refusal as refusal:
            raise Refusal(
                "bad_redirect" if refusal.code == "not_a_site" else refusal.code, refusal.detail
            ) from None
        if not is_same_site(place, self.site):
            raise Refusal("other_host", (urlsplit(place).hostname or "")[:100])
        return place

    def check(self, address: str) -> None:
        """Refuse what is not of this site, or what its robots.txt does not allow."""
        parts = urlsplit(address)
        check_place(address)
        if not is_same_site(address, self.site):
            raise Refusal("other_host", (parts.hostname or "")[:100])
        path = parts.path or "/"
        if not self.read_rules(address).allows(f"{path}?{parts.query}" if parts.query else path):
            raise Refusal("robots", path[:100])

    def read_rules(self, address: str) -> robots.Robots:
        """Read the origin's robots.txt once. One that is not there allows all; one that cannot be had allows nothing."""
        origin = origin_of(address)
        if origin not in self.rules:
            self.rules[origin] = self._ask_for_rules(origin)
            self.delay = max(self.delay, self.rules[origin].delay)
            if self.delay > robots.LONGEST_DELAY:
                raise Refusal("robots", "crawl-delay")
        return self.rules[origin]

    def move(self, address: str) -> str:
        """Return an address at the origin to which its own sends its readers: http://body.kz/, https://www.body.kz/."""
        origin = origin_of(address)
        return self.moves.get(origin, origin) + address.removeprefix(origin)

    def _ask_for_rules(self, origin: str) -> robots.Robots:
        """Ask an origin for its rules; where they stand elsewhere on the site, they hold there as well."""
        address = f"{origin}/robots.txt"
        for _ in range(MOST_REQUESTS):
            response = self.send(address)
            if response.status in REDIRECTS and "location" in response.headers:
                try:
                    address = self.follow(address, response.headers["location"])
                except Refusal:
                    return robots.ALLOWS_NOTHING
                continue
            if 200 <= response.status < 300:
                rules = robots.parse(response.body.decode("utf-8", errors="replace"))
                if urlsplit(address).path == "/robots.txt" and origin_of(address) != origin:
                    self.moves[origin] = origin_of(address)
                    self.rules[origin_of(address)] = rules
                return rules
            return (
                robots.ALLOWS_ALL
                if 400 <= response.status < 500 and response.status != 429
                else robots.ALLOWS_NOTHING
            )
        return robots.ALLOWS_NOTHING

    def send(self, address: str) -> Response:
        """Send one request, if one is left. Raises Refusal."""
        if self.requests >= MOST_REQUESTS:
            raise Refusal("too_many_redirects")
        if time.monotonic() > self.ends_at:
            raise Refusal("timeout")
        if self.requests and self.delay:
            self.wait(self.delay)
        self.requests += 1
        try:
            return self.client.send(
                "GET", address, headers={"Accept": "text/html,application/xhtml+xml,text/plain"}
            )
        except Failed as error:
            if error.code in OF_ADDRESSES:
                raise Refusal(OF_ADDRESSES[error.code], address[:100]) from None
            raise Refusal(error.code if error.code in CODES else "connection", error.detail) from None


def read_site(
    address: str,
    contact: str = "",
    *,
    open_client: Callable[..., Client] = Client,
    wait: Callable[[float], None] = time.sleep,
) -> SiteReading:
    """Read a body's home page and its pages of contacts. Raises Refusal when the home page cannot or may not be read.

    At most five requests, robots.txt obeyed; private and local networks are refused after each name was resolved.
    """
    home = clean_address(address)
    with open_client(contact, total_seconds=PAGE_SECONDS, max_bytes=LARGEST_PAGE, public_only=True) as client:
        visit = Visit(client, bare_host(home), wait, time.monotonic() + SITE_SECONDS)
        place, links = read(visit, home)
        pages = [(place, links)]
        contacts: list[str] = []
        problems: list[tuple[str, str]] = []
        for candidate in choose_contacts(place, links):
            if visit.requests >= MOST_REQUESTS:
                break
            try:
                pages.append(read(visit, candidate))
                contacts.append(pages[-1][0])
            except Refusal as refusal:
                problems.append((candidate, refusal.code))
    return SiteReading(
        site=visit.site,
        pages=tuple(place for place, _ in pages),
        accounts=tuple(judge(pages, contacts)),
        refused=sum(len(links.refused) for _, links in pages),
        requests=visit.requests,
        problems=tuple(problems),
    )


def read(visit: Visit, address: str) -> tuple[str, PageLinks]:
    """Fetch a page, or the one that it sends its readers on to, and take it apart. Raises Refusal."""
    for _ in range(MOST_REQUESTS):
        place, response = visit.fetch(address)
        if response.status != 200:
            raise Refusal("status", str(response.status))
        kind = response.headers.get("content-type", "text/html").lower()
        if "html" not in kind:
            raise Refusal("not_html", kind[:60])
        links = read_page(decode(response.body, kind), place)
        if links.mentions or not links.moved_to or links.moved_to == place:
            if links.scripts and not links.links:
                raise Refusal("scripts")
            return place, links
        address = visit.follow(place, links.moved_to)
    raise Refusal("too_many_redirects")


def choose_contacts(home: str, links: PageLinks) -> list[str]:
    """Choose the pages of contacts that the home page links to, in its order."""
    found = dict.fromkeys(
        page.partition("#")[0]
        for page, text in links.own_pages
        if CONTACTS.search(urlsplit(page).path) or CONTACTS.search(text)
    )
    return [page for page in found if page.rstrip("/") != home.rstrip("/")][:MOST_CONTACT_PAGES]


def clean_address(address: str) -> str:
    """Write a site's address whole. Raises Refusal where it is none that may be read."""
    address = address.strip()
    if "://" not in address:
        address = f"https://{address}"
    check_place(address)
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def check_place(address: str) -> None:
    """Refuse what is not the web's own: other schemes, other ports, names and passwords in the address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refusal("not_a_site", address[:100]) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.password:
        raise Refusal("not_a_site", address[:100])
    if is_private(parts.hostname):
        raise Refusal("private_address", parts.hostname[:100])
    if port not in (None, *PORTS.values()) or "." not in parts.hostname:
        raise Refusal("not_a_site", address[:100])


def is_private(host: str) -> bool:
    """Tell whether a host is given by a number, or by a name that is only ever local, of no public network."""
    if host.rstrip(".").rpartition(".")[2] in LOCAL_NAMES:
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


def is_same_site(address: str, site: str) -> bool:
    """Tell whether an address is of the site: its host, with or without www, or a part of it below."""
    host = bare_host(address)
    return host == site or host.endswith(f".{site}")


def origin_of(address: str) -> str:
    """Return an address's scheme and host: https://body.kz."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def resolve(address: str, location: str) -> str:
    try:
        return urljoin(address, location.strip())
    except ValueError:
        raise Refusal("not_a_site", location[:100]) from None


def decode(body: bytes, kind: str) -> str:
    """Decode a page as it says of itself, else as UTF-8, else as the Windows-1251 of older sites. Raises Refusal."""
    for mark, charset in BYTE_ORDERS:
        if body.startswith(mark):
            return body.decode(charset, errors="replace")
    if b"\0" in body[:4096]:
        raise Refusal("not_html")
    named = CHARSET.search(kind.encode()) or CHARSET.search(body[:4096])
    charset = named[1].decode("ascii", "replace") if named else "utf-8"
    for known in (charset if CHARSETS.fullmatch(charset) else "utf-8", "utf-8", "windows-1251"):
        try:
            return body.decode(known)
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("utf-8", errors="replace")
