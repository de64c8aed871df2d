"""A page taken apart: every place in which it names an account on a platform. Nothing is fetched, no script is run."""

import contextlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

from apps.collectors import registry
from apps.collectors.sites import structured
from apps.collectors.sites.elements import Element, describes_a_body
from apps.collectors.sites.leftovers import is_leftover
from apps.collectors.sites.links import (
    bare_host,
    complete,
    is_bot,
    is_post_of,
    is_share,
    network_of,
    read_account,
    unwrap,
)
from apps.collectors.types import NotAnAccount, Target

LONGEST_PAGE: Final = 1_000_000  # letters; what follows is not looked at
MOST_MENTIONS: Final = 2_000
MOST_LINKS: Final = 5_000  # of all kinds
LONGEST_ADDRESS: Final = 2_000
LONGEST_NAMES: Final = 500  # letters of an element's classes and id
POST_DEPTH: Final = 12  # elements between an embedded post and the links in its text
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
INERT: Final = frozenset(
    ("template", "textarea", "xmp", "noembed")
)  # what stands in these is shown to nobody
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
        "text-post-media",
    ]
)
METAS: Final = frozenset(
    (
        "telegram:channel",
        "twitter:site",
        "twitter:creator",
        "fb:pages",
        "fb:profile_id",
        "article:publisher",
        "og:see_also",
    )
)
HEADINGS: Final = frozenset(
    ("h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "legend", "dt", "th", "label")
)
SOON: Final = 10  # seconds after which a page that sends its readers on has still been no page of its own
REFRESH: Final = re.compile(
    r"\s*(?P<seconds>\d{0,5})[\d.]*\s*[;,]\s*(?:url\s*=)?\s*(?P<place>\S.*)", re.I | re.S
)
ROLES: Final = {"banner": "header", "navigation": "header", "contentinfo": "footer", "main": "main"}


class Place(StrEnum):
    """How a page names an account."""

    LINK = "link"
    REL_ME = "rel_me"
    STRUCTURED = "structured"  # sameAs in structured data
    META = "meta"
    FEED = "feed"
    WIDGET = "widget"


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
    is_post: bool = False  # of one post, or in the text of one: it names whose the post is
    is_guess: bool = False  # any site's address may look like it


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
    moved_to: str = ""  # where the page sends its readers on to
    scripts: int = 0
    links: int = 0


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
        self._is_rebased = False
        self._inert: list[str] = []  # open elements whose content is not of the page

    # What the parser meets

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag in INERT and "shadowrootmode" not in given and len(self._inert) < DEEPEST:
            self._inert.append(tag)
        if self._inert:
            return
        if tag in ENDS_ITSELF and self._open.tag == tag:
            self._open = self._open.parent or self._open
        names = tuple(f"{given.get('id', '')[:100]} {given.get('class', '')}"[:LONGEST_NAMES].split()[:20])
        element = Element(tag, names, self._open, self._open.depth + 1)
        element.role = ROLES.get(given.get("role", "").lower(), "")
        element.described_as = given.get("itemtype", "")
        if tag not in VOID and element.depth < DEEPEST:
            self._open = element
        if tag == "a":
            self._finish_link()
            self._begin_link(given, element)
        elif tag == "area":
            self._begin_link(given, element)
            self._finish_link()
        elif tag == "base":
            self._rebase(given.get("href", ""))
        elif tag == "link":
            self._read_link_element(given, element)
        elif tag == "meta":
            self._read_meta(given, element)
        elif tag == "script":
            self.page.scripts += 1
            self._structured = [] if "ld+json" in given.get("type", "").lower() else None
        elif tag == "iframe":
            self._add(given.get("src", ""), Place.WIDGET, element)
        for name in ("data-href", "cite"):
            if given.get(name):
                place = Place.WIDGET if WIDGETS.intersection(names) else Place.LINK
                self._add(given[name], place, element, is_post=_is_in_post(element))
        if "g-ytsubscribe" in names and given.get("data-channelid"):
            self._add(f"https://www.youtube.com/channel/{given['data-channelid']}", Place.WIDGET, element)

    def handle_endtag(self, tag: str) -> None:
        if self._inert:
            if tag in self._inert:
                del self._inert[len(self._inert) - 1 - self._inert[::-1].index(tag) :]
            return
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
        if self._inert:
            return
        if self._structured is not None:
            self._structured.append(data)
            return
        text = " ".join(data.split())
        if not text:
            return
        if self._link is not None and len(self._link["text"]) < LONGEST_TEXT:
            self._link["text"] += f" {text[:LONGEST_TEXT]}"
        if self._open.tag in HEADINGS and self._open.parent and len(self._open.parent.heading) < LONGEST_TEXT:
            self._open.parent.heading += f" {text[:LONGEST_TEXT]}"
        for _, element in zip(range(3), self._open.chain(), strict=False):
            if len(element.text) < LONGEST_TEXT:
                element.text += f" {text[:LONGEST_TEXT]}"

    def handle_comment(self, data: str) -> None:
        """Read links that are commented out too, and mark them: the site no longer points to them."""
        if self._inert or self._is_commented or "href" not in data:
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
        href = given.get("href") or given.get("xlink:href", "")
        self._link = {
            "href": href,
            "element": element,
            "is_me": "me" in given.get("rel", "").lower().split(),
            "is_same": given.get("itemprop") == "sameAs" and describes_a_body(element),
            "text": " ".join((given.get("title", ""), given.get("aria-label", "")))[:LONGEST_TEXT],
        }
        if self.page.links < MOST_LINKS:
            for around in element.chain():
                around.links += 1

    def _finish_link(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        element: Element = link["element"]
        around = {name for _, near in zip(range(3), element.chain(), strict=False) for name in near.names}
        place = Place.WIDGET if around & WIDGETS else Place.LINK
        place = Place.REL_ME if link["is_me"] else Place.STRUCTURED if link["is_same"] else place
        self._add(link["href"], place, element, text=link["text"].strip(), is_post=_is_in_post(element))

    def _read_link_element(self, given: dict[str, str], element: Element) -> None:
        rel = given.get("rel", "").lower().split()
        if "me" in rel:
            self._add(given.get("href", ""), Place.REL_ME, element)
        elif given.get("itemprop") == "sameAs":
            if describes_a_body(element):
                self._add(given.get("href", ""), Place.STRUCTURED, element)
        elif "alternate" in rel and ("rss" in given.get("type", "") or "atom" in given.get("type", "")):
            self._add(given.get("href", ""), Place.FEED, element)

    def _rebase(self, href: str) -> None:
        """Start relative links where the page says; the first word on it holds."""
        if self._is_rebased or not href or len(href) > LONGEST_ADDRESS:
            return
        self._is_rebased = True
        with contextlib.suppress(ValueError):
            self._address = urljoin(self._address, href.strip())

    def _note_refresh(self, content: str) -> None:
        """Note where a page sends its readers on to at once; one that reloads itself, or later, stays."""
        order = REFRESH.fullmatch(content[:LONGEST_ADDRESS])
        if order and int(order["seconds"] or 0) <= SOON and not self.page.moved_to:
            with contextlib.suppress(ValueError):
                self.page.moved_to = urljoin(self._address, order["place"].strip(" \"'"))

    def _read_meta(self, given: dict[str, str], element: Element) -> None:
        name = (given.get("property") or given.get("name") or "").lower()
        if given.get("http-equiv", "").lower() == "refresh":
            self._note_refresh(given.get("content", ""))
        if name not in METAS:
            return
        content = given.get("content", "").strip()
        if name.startswith("twitter:"):
            content = (
                content and f"https://twitter.com/{content.removeprefix('@')}"
                if "/" not in content
                else content
            )
        if name == "telegram:channel":
            content = content and f"https://t.me/{content.removeprefix('@')}"
        for text in content.split(",") if name == "fb:pages" else [content]:
            address = (
                f"https://www.facebook.com/{text.strip()}"
                if name.startswith("fb:") and text.strip()
                else text
            )
            self._add(address, Place.META, element, detail=name)

    def _read_structured(self, text: str) -> None:
        for address in structured.find_addresses(text, self._host):
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
        self.page.links += 1
        if not href or href.startswith("#") or len(href) > LONGEST_ADDRESS:
            return
        if self.page.links > MOST_LINKS or len(self.page.mentions) >= MOST_MENTIONS:
            return
        try:
            address = unwrap(urljoin(self._address, complete(href)), self._host)
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
        if is_share(address) or is_bot(target):
            self.page.refused.append(RefusedAddress(address, "share"))
            return
        is_post = is_post or is_post_of(target, address)
        if not self._is_commented and not is_post:
            _count(element, target.platform, _key(target))
        if is_leftover(target, self._host):
            self.page.refused.append(RefusedAddress(address, "leftover"))
            return
        # Any page under /@name looks like one of Mastodon: only what the site vouches for, or a row of icons, is taken.
        is_guess = not network and target.platform == "mastodon" and not element.is_social
        self.page.mentions.append(
            Mention(
                target,
                place,
                element,
                address,
                text,
                detail,
                is_commented=self._is_commented,
                is_post=is_post,
                is_guess=is_guess and place not in (Place.REL_ME, Place.STRUCTURED),
            )
        )


def _is_in_post(element: Element) -> bool:
    """Tell whether an element is, or stands in, a post that the page embeds."""
    near = zip(range(POST_DEPTH), element.chain(), strict=False)
    return any(EMBEDDED_POSTS.intersection(around.names) for _, around in near)


def _count(element: Element, network: str, account: str) -> None:
    for around in element.chain():
        around.accounts.setdefault(network, set()).add(account)


def _key(target: Target) -> str:
    return target.handle.lower() or target.platform_id
