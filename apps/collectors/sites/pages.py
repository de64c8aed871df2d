"""A page taken apart: every place in which it names an account on a platform. Nothing is fetched, no script is run."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

from apps.collectors import registry
from apps.collectors.sites.links import bare_host, is_post_of, is_share, network_of, read_account
from apps.collectors.types import NotAnAccount, Target

LONGEST_PAGE: Final = 1_000_000  # letters; what follows is not looked at
MOST_MENTIONS: Final = 2_000
DEEPEST: Final = 200  # open elements; deeper ones count as their ancestor
LONGEST_TEXT: Final = 200
PIECE: Final = 65_536
# Elements that have no end tag, and those whose end tag may be left out before another of their kind.
VOID: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
ENDS_ITSELF: Final = frozenset(("li", "p", "option", "dt", "dd", "tr", "td", "th"))
WIDGETS: Final = frozenset(
    [
        "fb-page",
        "fb-like",
        "fb-follow",
        "fb-xfbml-parse-ignore",
        "twitter-timeline",
        "twitter-follow-button",
        "g-ytsubscribe",
    ]
)
EMBEDDED_POSTS: Final = frozenset(
    [
        "twitter-tweet",
        "instagram-media",
        "tiktok-embed",
        "fb-post",
        "fb-video",
        "telegram-post",
        "bluesky-embed",
        "mastodon-embed",
    ]
)
METAS: Final = frozenset(
    ("twitter:site", "twitter:creator", "fb:pages", "fb:profile_id", "article:publisher", "og:see_also")
)
ORGANISATIONS: Final = re.compile(r"organi[sz]ation|website|webpage|government|corporation|ngo|party", re.I)
REGION_NAME: Final = re.compile(
    r"(?:(?:site|page|main|l|b|layout)[-_]*)*(?P<name>header|footer|head|foot|top|bottom|topbar|toolbar)"
    r"(?:[-_]*(?:top|bottom|wrap|wrapper|inner|in|container|content|block|area|line|bar|left|right|center|menu|row|main|cont))*"
    r"\d*",
    re.I,
)  # fmt: skip
SOCIAL_NAME: Final = re.compile(
    r"(?:^|[-_ ])(?:soc|social|socials|socseti|sns|follow|networks?|smm)|soc[-_]", re.I
)


class Place(StrEnum):
    """How a page names an account."""

    LINK = "link"
    REL_ME = "rel_me"
    STRUCTURED = "structured"  # sameAs in structured data
    META = "meta"
    FEED = "feed"
    WIDGET = "widget"


class Region(StrEnum):
    HEADER = "header"
    FOOTER = "footer"
    MAIN = "main"
    ASIDE = "aside"
    PAGE = "page"  # none that the page tells apart


@dataclass(eq=False)
class Element:
    """An open element and what stands inside it."""

    tag: str
    names: tuple[str, ...]  # its classes and id
    parent: "Element | None"
    depth: int
    links: int = 0
    accounts: dict[str, set[str]] = field(default_factory=dict)  # network -> accounts linked inside
    text: str = ""

    def chain(self) -> Iterator["Element"]:
        """Go from this element outwards."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    @property
    def region(self) -> Region:
        """Tell the outermost region that the element lies in: an article's header is not the page's."""
        region = Region.PAGE
        for element in self.chain():
            region = _region_of(element) or region
        return region

    @property
    def is_social(self) -> bool:
        """Tell whether an element around says by its name that it holds links to networks."""
        near = [element for _, element in zip(range(4), self.chain(), strict=False)]
        return any(SOCIAL_NAME.search(name) for element in near for name in element.names)

    @property
    def row(self) -> "Element | None":
        """Find the nearest element around that is a row of links to several networks, and hardly of anything else."""
        for element in self.chain():
            if element.tag in ("body", "html", "main"):
                return None
            held = sum(len(accounts) for accounts in element.accounts.values())
            if len(element.accounts) >= 2:
                return element if held * 2 >= element.links - 2 else None
        return None


@dataclass(frozen=True)
class Mention:
    """An account named on a page."""

    target: Target
    place: Place
    element: Element
    address: str
    text: str = ""  # of the link, its title among it
    detail: str = ""  # of a meta: which one
    is_commented: bool = False
    is_post: bool = False  # the address is of one post: it names whose the post is


@dataclass(frozen=True)
class RefusedAddress:
    """An address of a network that is no account: a share button, a video, a widget's loader."""

    address: str
    code: str


@dataclass
class PageLinks:
    """What a page names, in its order, and the pages of the same site that it links to."""

    mentions: list[Mention] = field(default_factory=list)
    refused: list[RefusedAddress] = field(default_factory=list)
    own_pages: list[tuple[str, str]] = field(default_factory=list)  # (address, text of the link)


def read_page(html: str, address: str) -> PageLinks:
    """Take a page apart; `address` is its own, which relative links start from."""
    reader = _Reader(address)
    text = html[:LONGEST_PAGE]
    for start in range(0, len(text), PIECE):
        reader.feed(text[start : start + PIECE])
    reader.finish()  # not close(): what is left open at the end would be read again from each of its signs
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = PageLinks()
        self._address = address
        self._host = bare_host(address)
        self._open = Element("html", (), None, 0)
        self._link: dict[str, Any] | None = None
        self._structured: list[str] | None = None
        self._is_commented = False

    # What the parser meets

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag in ENDS_ITSELF and self._open.tag == tag:
            self._open = self._open.parent or self._open
        names = tuple(f"{given.get('class', '')} {given.get('id', '')}".split()[:20])
        element = Element(tag, names, self._open, self._open.depth + 1)
        if tag not in VOID and element.depth < DEEPEST:
            self._open = element
        if tag == "a":
            self._finish_link()
            self._begin_link(given, element)
        elif tag == "link":
            self._read_link_element(given, element)
        elif tag == "meta":
            self._read_meta(given, element)
        elif tag == "script":
            self._structured = [] if "ld+json" in given.get("type", "").lower() else None
        elif tag == "iframe":
            self._add(given.get("src", ""), Place.WIDGET, element)
        for name in ("data-href", "cite"):
            if given.get(name):
                self._add(given[name], Place.WIDGET, element)
        if "g-ytsubscribe" in names and given.get("data-channelid"):
            self._add(f"https://www.youtube.com/channel/{given['data-channelid']}", Place.WIDGET, element)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._finish_link()
        if tag == "script" and self._structured is not None:
            self._read_structured("".join(self._structured))
            self._structured = None
        for element in self._open.chain():
            if element.tag == tag and element.parent is not None:
                self._open = element.parent
                return

    def handle_data(self, data: str) -> None:
        if self._structured is not None:
            self._structured.append(data)
            return
        text = " ".join(data.split())
        if not text:
            return
        if self._link is not None and len(self._link["text"]) < LONGEST_TEXT:
            self._link["text"] += f" {text[:LONGEST_TEXT]}"
        for _, element in zip(range(3), self._open.chain(), strict=False):
            if len(element.text) < LONGEST_TEXT:
                element.text += f" {text[:LONGEST_TEXT]}"

    def handle_comment(self, data: str) -> None:
        """Read links that are commented out too, and mark them: the site no longer points to them."""
        if self._is_commented or "href" not in data:
            return
        self._is_commented = True
        for found in re.finditer(r"<a\s[^<>]{0,2000}>", data[:PIECE]):
            attributes = dict(re.findall(r"([\w-]+)\s*=\s*[\"']([^\"']{0,1000})[\"']", found.group()))
            self._add(attributes.get("href", ""), Place.LINK, self._open, text=attributes.get("title", ""))
        self._is_commented = False

    def finish(self) -> None:
        self._finish_link()

    # What it means

    def _begin_link(self, given: dict[str, str], element: Element) -> None:
        href = given.get("href", "")
        self._link = {
            "href": href,
            "element": element,
            "is_me": "me" in given.get("rel", "").lower().split(),
            "text": " ".join((given.get("title", ""), given.get("aria-label", "")))[:LONGEST_TEXT],
        }
        for around in element.chain():
            around.links += 1

    def _finish_link(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        element: Element = link["element"]
        around = {name for _, near in zip(range(3), element.chain(), strict=False) for name in near.names}
        place = Place.REL_ME if link["is_me"] else Place.WIDGET if around & WIDGETS else Place.LINK
        self._add(
            link["href"], place, element, text=link["text"].strip(), is_post=bool(around & EMBEDDED_POSTS)
        )

    def _read_link_element(self, given: dict[str, str], element: Element) -> None:
        rel = given.get("rel", "").lower().split()
        if "me" in rel:
            self._add(given.get("href", ""), Place.REL_ME, element)
        elif "alternate" in rel and ("rss" in given.get("type", "") or "atom" in given.get("type", "")):
            self._add(given.get("href", ""), Place.FEED, element)

    def _read_meta(self, given: dict[str, str], element: Element) -> None:
        name = (given.get("property") or given.get("name") or "").lower()
        if name not in METAS:
            return
        content = given.get("content", "").strip()
        if name.startswith("twitter:"):
            content = (
                content and f"https://twitter.com/{content.removeprefix('@')}"
                if "/" not in content
                else content
            )
        for text in content.split(",") if name == "fb:pages" else [content]:
            address = (
                f"https://www.facebook.com/{text.strip()}"
                if name.startswith("fb:") and text.strip()
                else text
            )
            self._add(address, Place.META, element, detail=name)

    def _read_structured(self, text: str) -> None:
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return
        for address in _same_as(told, self._host):
            self._add(address, Place.STRUCTURED, self._open)

    def _add(
        self,
        href: str,
        place: Place,
        element: Element,
        *,
        text: str = "",
        detail: str = "",
        is_post: bool = False,
    ) -> None:
        href = href.strip()
        if not href or href.startswith("#") or len(self.page.mentions) >= MOST_MENTIONS:
            return
        try:
            address = urljoin(self._address, href)
            host = bare_host(address)
        except ValueError:
            return
        if host == self._host:
            if place == Place.LINK and not self._is_commented:
                self.page.own_pages.append((address, text))
            return
        network = network_of(address)
        try:
            target = read_account(address)
        except NotAnAccount as error:
            if network in registry.ADDRESSES:
                self.page.refused.append(
                    RefusedAddress(address, "share" if is_share(address) else str(error.code))
                )
            elif network and not self._is_commented:
                _count(element, network, address.lower())
            return
        if not network and target.platform == "mastodon" and place not in (Place.REL_ME, Place.STRUCTURED):
            # Any page under /@name looks like one: only what the site vouches for, or a row of icons, is taken.
            is_post = is_post or not element.is_social
        if is_share(address):
            self.page.refused.append(RefusedAddress(address, "share"))
            return
        if not self._is_commented:
            _count(element, target.platform, _key(target))
        self.page.mentions.append(
            Mention(
                target,
                place,
                element,
                address,
                text,
                detail,
                self._is_commented,
                is_post or is_post_of(target, address),
            )
        )


def _count(element: Element, network: str, account: str) -> None:
    for around in element.chain():
        around.accounts.setdefault(network, set()).add(account)


def _key(target: Target) -> str:
    return target.handle.lower() or target.platform_id


def _region_of(element: Element) -> Region | None:
    match element.tag:
        case "header" | "nav":
            return Region.HEADER
        case "footer":
            return Region.FOOTER
        case "main" | "article":
            return Region.MAIN
        case "aside":
            return Region.ASIDE
        case "html" | "body":
            return None
    for name in element.names:
        if named := REGION_NAME.fullmatch(name):
            return Region.FOOTER if named["name"].lower() in ("footer", "foot", "bottom") else Region.HEADER
    return None


def _same_as(told: Any, host: str) -> Iterator[str]:
    """Yield the sameAs addresses of organisations and sites; a person's or another site's are not the body's."""
    waiting: list[Any] = [told]
    seen = 0
    while waiting and (seen := seen + 1) < MOST_MENTIONS:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += [value for value in item.values() if isinstance(value, dict | list)]
            kinds = " ".join(str(kind) for kind in _as_list(item.get("@type")))
            own = item.get("url")
            elsewhere = isinstance(own, str) and "//" in own and bare_host(own) != host
            if (not kinds or ORGANISATIONS.search(kinds)) and not elsewhere:
                yield from (address for address in _as_list(item.get("sameAs")) if isinstance(address, str))


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
