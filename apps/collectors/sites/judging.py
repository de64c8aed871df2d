"""Decide which of the accounts that a site names are its own: a row of icons says more than a link in a text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from apps.collectors.platforms import PLATFORMS
from apps.collectors.sites.elements import Element, Region
from apps.collectors.sites.links import bare_host
from apps.collectors.sites.pages import Mention, PageLinks, Place
from apps.collectors.types import Target

MOST_IN_A_ROW: Final = 3  # accounts of one platform: language editions, not a list of other bodies
MAKERS: Final = re.compile(
    r"developed|designed|created by|made by|powered|web[- ]?studio|webmaster|разработ|создан|дизайн|сделано|студи|әзірле|жасаған",
    re.I,
)
MAKER_NAMES: Final = re.compile(
    r"(?:^|[-_])(?:developer|developers|develop|devby|dev|studio|creator|made-?by|created-?by|razrabot\w*)(?:$|[-_])",
    re.I,
)
NETWORK_WORDS: Final = re.compile(
    "|".join([*map(re.escape, PLATFORMS), *(re.escape(name) for name in PLATFORMS.values()),
              "twitter", "вконтакте", "одноклассники", "телеграм", "инстаграм", "фейсбук", "ютуб", "youtube",
              r"\bfb\b", r"\btw\b", r"\byt\b", r"\btg\b", r"\big\b", "follow", "subscribe", "подпис", "мы в", "жазыл", "бақыла", "соцсет", "әлеуметтік желі"]),
    re.I,
)  # fmt: skip


class Ownership(StrEnum):
    OWN = "own"
    UNCLEAR = "unclear"
    OTHER = "other"


class Evidence(StrEnum):
    """Why an account is taken for the body's own, or not."""

    ROW = "row"  # in the site's own row of network links
    VOUCHED = "vouched"  # rel=me, sameAs
    WIDGET = "widget"  # a widget of the platform, and nothing speaks against it
    META = "meta"  # named by the publisher in the page's head
    FEED = "feed"
    NAMED_ALIKE = "named_alike"  # a plain link, but called as the site or as its other accounts
    COMMENTED_OUT = "commented_out"
    CONTRADICTS = "contradicts"  # the page's head names another account than its links
    SEVERAL = "several"  # several accounts of the platform, none of them plainly the site's
    ANOTHER = "another"  # the site's own row has another account of the platform
    MENTION = "mention"  # a link in a text, or to a post alone
    MAKER = "maker"  # whoever built the site


class Rank(IntEnum):
    """How much a place says; on each platform the highest decides."""

    POST = 0  # one post, of whomever it is
    MENTION = 1
    COMMENTED = 2
    TEXT_LINK = 3  # a link with words of its own in the head or foot of the page
    HEAD_DATA = 4  # widget, meta, feed
    ROW = 5
    OWN_ROW = 6  # a row in the page's head or foot, rel=me, sameAs


@dataclass(frozen=True)
class Judged:
    """An account that a site names, whether it is the body's own, and why."""

    target: Target
    verdict: Ownership
    why: Evidence
    address: str
    pages: tuple[str, ...]  # on which it was named
    places: tuple[str, ...]  # "header link", "main widget" ...
    same_page_id: str = ""  # a Facebook page's number that the head of the page vouches for


@dataclass
class _Account:
    target: Target
    mentions: list[tuple[str, Mention, Rank]]

    @property
    def rank(self) -> Rank:
        return max(rank for _, _, rank in self.mentions)

    @property
    def best(self) -> Mention:
        return max(self.mentions, key=lambda item: item[2])[1]

    def judge(self, verdict: Ownership, why: Evidence, same_page_id: str = "") -> Judged:
        places = dict.fromkeys(f"{mention.element.region} {mention.place}" for _, mention, _ in self.mentions)
        pages = dict.fromkeys(page for page, _, _ in self.mentions)
        return Judged(self.target, verdict, why, self.best.address, tuple(pages), tuple(places), same_page_id)


def judge(pages: Sequence[tuple[str, PageLinks]], contact_pages: Iterable[str] = ()) -> list[Judged]:
    """Judge every account that the pages of one site name: (address, what it names). In order of appearance.

    On a page of contacts a link that bears the network's name or the account's own is as good as a row of icons.
    """
    contacts = set(contact_pages)
    site = bare_host(pages[0][0]) if pages else ""
    accounts: dict[tuple[str, str], _Account] = {}
    for page, links in pages:
        for mention in links.mentions:
            key = (mention.target.platform, mention.target.handle.lower() or mention.target.platform_id)
            account = accounts.setdefault(key, _Account(mention.target, []))
            account.mentions.append((page, mention, rank_of(mention, is_contacts=page in contacts)))
    by_platform: dict[str, list[_Account]] = defaultdict(list)
    for account in accounts.values():
        by_platform[account.target.platform].append(account)
    has_row = any(account.rank == Rank.OWN_ROW for account in accounts.values())
    least = Rank.OWN_ROW if has_row else Rank.ROW
    sure = [account.target.handle for account in accounts.values() if account.rank >= least]
    judged = {
        (result.target.platform, result.target.handle.lower() or result.target.platform_id): result
        for held in by_platform.values()
        for result in _judge_platform(held, site, sure, has_row=has_row)
    }
    return [judged[key] for key in accounts if key in judged]


def rank_of(mention: Mention, *, is_contacts: bool = False) -> Rank:
    """Rank a mention by its place."""
    element = mention.element
    if mention.is_post:
        return Rank.POST
    if mention.is_guess:
        return Rank.MENTION
    if mention.is_commented:
        return Rank.COMMENTED
    if mention.place in (Place.REL_ME, Place.STRUCTURED):
        return Rank.OWN_ROW
    if mention.place in (Place.META, Place.FEED, Place.WIDGET):
        return Rank.HEAD_DATA
    is_edge = element.region in (Region.HEADER, Region.FOOTER)
    if is_makers(element):
        return Rank.TEXT_LINK
    if element.is_social or (element.row is not None and not (is_edge and has_other_words(mention))):
        return Rank.OWN_ROW if is_edge else Rank.ROW
    if is_edge or is_contacts:
        return Rank.ROW if is_bare(mention) else Rank.TEXT_LINK
    return Rank.MENTION


def is_makers(element: Element) -> bool:
    """Tell whether the block of links an element stands in is that of whoever built the site."""
    block = element.social_block or element.row
    if block is None:
        return False
    inside = [block]
    for around in element.chain():
        if around is block:
            break
        inside.append(around)
    named = [name for one in (*inside, block.parent) if one for name in one.names]
    return any(MAKERS.search(one.text) for one in inside) or any(map(MAKER_NAMES.search, named))


def is_of_maker(mention: Mention) -> bool:
    """Tell whether a link, by its words or its block, leads to whoever built the site."""
    parent = mention.element.parent
    return bool(parent and MAKERS.search(f"{parent.text} {mention.text}")) or is_makers(mention.element)


def has_other_words(mention: Mention) -> bool:
    """Tell whether a link bears words that name neither a network nor the account: the minister's blog."""
    return bool(re.search(r"[^\W\d_]{3}", mention.text)) and not is_bare(mention)


def is_bare(mention: Mention) -> bool:
    """Tell whether a link says nothing but its network or the account's own name."""
    text = mention.text.casefold()
    handle = mention.target.handle.casefold().rpartition("/")[2]
    if MAKERS.search(mention.element.parent.text if mention.element.parent else ""):
        return False
    return not text or bool(handle and handle in text) or bool(NETWORK_WORDS.search(text))


def _judge_platform(
    held: list[_Account], site: str, sure: Sequence[str], *, has_row: bool
) -> Iterable[Judged]:
    numbers = [account for account in held if _is_page_number(account)]
    named = [account for account in held if account not in numbers]
    top = max((account.rank for account in named), default=None)
    if top is None or top < Rank.HEAD_DATA:
        named, numbers, top = held, [], max(account.rank for account in held)
    winners = [account for account in named if account.rank == top]
    vouched = numbers[0].target.platform_id if len(numbers) == 1 and len(winners) == 1 else ""
    for account in named:
        if account in winners:
            yield _judge_winner(account, winners, site, sure, vouched, has_row=has_row)
        else:
            yield _judge_loser(account, top)
    for account in numbers:
        if not vouched:
            yield account.judge(Ownership.UNCLEAR, Evidence.SEVERAL)


def _is_page_number(account: _Account) -> bool:
    """Tell whether the head of the page vouches for a Facebook page by its number alone."""
    return not account.target.handle and all(
        mention.place == Place.META and mention.detail.startswith("fb:") for _, mention, _ in account.mentions
    )


def _judge_winner(
    account: _Account,
    winners: Sequence[_Account],
    site: str,
    sure: Sequence[str],
    vouched: str,
    *,
    has_row: bool,
) -> Judged:
    rank, best = account.rank, account.best
    if rank == Rank.POST:
        return account.judge(Ownership.OTHER, Evidence.MENTION)
    if rank >= Rank.HEAD_DATA:
        if len(winners) > MOST_IN_A_ROW:
            return account.judge(Ownership.OTHER, Evidence.SEVERAL)
        if len(winners) > 1 and not _share_a_row(winners):
            alike = [one for one in winners if is_named_alike(one.target.handle, site, ())]
            if len(alike) != 1:
                return account.judge(Ownership.UNCLEAR, Evidence.SEVERAL)
            if account not in alike:
                return account.judge(Ownership.UNCLEAR, Evidence.ANOTHER)
        if rank == Rank.ROW and has_row and not is_named_alike(account.target.handle, site, sure):
            # Beside the site's own row, a row among its texts is a minister's, a partner's, a reader's.
            return account.judge(Ownership.UNCLEAR, Evidence.MENTION)
        why = {Place.WIDGET: Evidence.WIDGET, Place.META: Evidence.META, Place.FEED: Evidence.FEED}.get(
            best.place, Evidence.ROW
        )
        if best.place in (Place.REL_ME, Place.STRUCTURED):
            why = Evidence.VOUCHED
        return account.judge(Ownership.OWN, why, vouched)
    if rank == Rank.COMMENTED:
        return account.judge(Ownership.UNCLEAR, Evidence.COMMENTED_OUT)
    if is_of_maker(best):
        return account.judge(Ownership.OTHER, Evidence.MAKER)
    if is_named_alike(account.target.handle, site, sure):
        verdict = Ownership.OWN if rank == Rank.TEXT_LINK and len(winners) == 1 else Ownership.UNCLEAR
        return account.judge(verdict, Evidence.NAMED_ALIKE)
    if rank == Rank.TEXT_LINK:
        return account.judge(Ownership.UNCLEAR, Evidence.MENTION)
    return account.judge(Ownership.OTHER, Evidence.MENTION)


def _judge_loser(account: _Account, top: Rank) -> Judged:
    rank, best = account.rank, account.best
    if rank == Rank.COMMENTED:
        return account.judge(Ownership.OTHER, Evidence.COMMENTED_OUT)
    if best.place == Place.META and top > Rank.HEAD_DATA:
        return account.judge(Ownership.UNCLEAR, Evidence.CONTRADICTS)
    if rank <= Rank.TEXT_LINK:
        return account.judge(Ownership.OTHER, Evidence.MAKER if is_of_maker(best) else Evidence.MENTION)
    return account.judge(Ownership.OTHER, Evidence.ANOTHER)


def _share_a_row(accounts: Sequence[_Account]) -> bool:
    """Tell whether all the accounts stand in one row: editions of one body in several languages."""
    rows = [
        {
            block
            for _, mention, _ in account.mentions
            for block in (mention.element.row, mention.element.social_block)
            if block is not None
        }
        for account in accounts
    ]
    vouched = all(account.best.place in (Place.REL_ME, Place.STRUCTURED) for account in accounts)
    return vouched or bool(rows and set.intersection(*rows))


def is_named_alike(handle: str, site: str, sure: Sequence[str]) -> bool:
    """Tell whether a handle is the site's name or that of an account which is surely the body's."""
    name = _letters(handle)
    if len(name) < 3:
        return False
    labels = [label for label in site.split(".") if label]
    sites = {_letters("".join(labels)), _letters("".join(labels[:-1])), _letters(labels[0]) if labels else ""}
    return name in sites or any(name == _letters(other) for other in sure)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower().rpartition("/")[2])
