"""Wikidata: follower counts that people have written down there, in both of the ways in which they do.

A: a statement P8687 (social media followers) whose qualifiers name the account. B: a statement that names the account
(P2002, P2013 and so on) whose qualifiers hold the count. Either has its day in the qualifier P585.
Statements: https://www.wikidata.org/w/rest.php/wikibase/v1 ; finding items: https://query.wikidata.org/sparql .
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from apps.collectors import facebook, registry
from apps.collectors.http import Answer, printable
from apps.collectors.outcomes import dig, objects, word
from apps.collectors.patience import Patient
from apps.collectors.types import NotAnAccount, Target, Unavailable

SHOWN_AT: Final = "https://www.wikidata.org"  # for people; a test server does not change it
PAUSE: Final = 1.0  # seconds; one request after the other is what Wikidata asks of programs
MOST_FOLLOWERS: Final = 20_000_000_000  # more than there are people
FIRST_YEAR: Final = 2004  # before that none of the platforms was there
MOST_NAMES: Final = 40  # of accounts in one query
MOST_STATEMENTS: Final = 1000  # of one property of one item
ITEM: Final = re.compile(r"Q[1-9][0-9]{0,11}")
# Which property names an account of which platform, and the address its values belong into
NAMES: Final[dict[str, tuple[str, str]]] = {
    "P2013": ("facebook", "https://www.facebook.com/{}"),
    "P2003": ("instagram", "https://www.instagram.com/{}/"),
    "P2397": ("youtube", "https://www.youtube.com/channel/{}"),
    "P11245": ("youtube", "https://www.youtube.com/@{}"),
    "P2002": ("x", "https://x.com/{}"),
    "P6552": ("x", "https://x.com/i/user/{}"),
    "P3789": ("telegram", "https://t.me/{}"),
    "P7085": ("tiktok", "https://www.tiktok.com/@{}"),
    "P3185": ("vk", "https://vk.com/{}"),
    "P4033": ("mastodon", "{}"),
    "P12361": ("bluesky", "https://bsky.app/profile/{}"),
    "P11892": ("threads", "https://www.threads.com/@{}"),
}
FOLLOWERS: Final = "P8687"
COUNTS: Final = (FOLLOWERS, "P3744")  # followers; number of subscribers
POINT_IN_TIME, END_TIME, CIRCUMSTANCES, REFERENCE_URL = "P585", "P582", "P1480", "P854"
CIRCA: Final = "Q5727902"
GREGORIAN: Final = "Q1985727"
SPANS: Final = {9: "year", 10: "month", 11: "day"}
TIME: Final = re.compile(r"\+([0-9]{4})-([0-9]{2})-([0-9]{2})T00:00:00Z")
AMOUNT: Final = re.compile(r"\+?[0-9]{1,18}(?:\.0{1,9})?")
RANKS: Final = ("preferred", "normal")


Presences = dict[tuple[str, str, str], set[Target]]  # the names that an item ties to each name, by keys()


class LeftReason(StrEnum):
    """Why a statement is not taken: the closed set of Left's codes."""

    DEPRECATED = "deprecated"  # marked as wrong or outdated by Wikidata itself
    NO_VALUE = "no_value"  # unknown value or none
    NOT_A_COUNT = "not_a_count"  # a fraction, a unit, a negative or impossible number
    NO_DAY = "no_day"  # no point in time
    BAD_DAY = "bad_day"  # a century, an hour, another calendar, no day of the calendar
    NO_ACCOUNT = "no_account"  # nothing says of which account it is
    SEVERAL = "several"  # several accounts, counts or days, and nothing says which belongs to which
    BAD_NAME = "bad_name"  # what stands there can be no name on the platform
    TWO_VALUES = "two_values"  # another statement of the same rank says otherwise for the same day
    DATED_AHEAD = "dated_ahead"  # the day is yet to come


@dataclass(frozen=True)
class Count:
    """One count of one account. `day` is the first day of the span, as Wikidata has it."""

    targets: frozenset[Target]  # all of one platform: the names that this item gives the one account
    followers: int
    day: date
    span: str  # day | month | year
    bound: str  # = | ~
    rank: str  # preferred | normal
    statement: str  # its address
    reference: str  # the address that Wikidata gives as evidence, "" where it gives none

    @property
    def platform(self) -> str:
        return next(iter(self.targets)).platform


@dataclass(frozen=True)
class Left:
    """A statement with a count that is not taken, and why."""

    why: LeftReason
    detail: str
    statement: str
    targets: frozenset[Target]


@dataclass(frozen=True)
class Item:
    """What one item says. `presences` are the accounts it names as still in use, each with all its names."""

    id: str
    counts: tuple[Count, ...]
    left: tuple[Left, ...]
    presences: tuple[frozenset[Target], ...]


# Asking


def names_of(target: Target) -> list[tuple[str, str]]:
    """Return the properties and values under which an item may name the account. Wikidata compares letter by letter."""
    found = []
    handle, number = target.handle, target.platform_id
    for code, (platform, _shape) in NAMES.items():
        if platform != target.platform:
            continue
        if code in ("P2397", "P6552"):
            values = [number]
        elif platform == "vk" and number:
            values = [
                handle,
                *([f"club{number[1:]}", f"public{number[1:]}"] if number[0] == "-" else [f"id{number}"]),
            ]
        else:
            values = [handle, handle.lower(), *([number] if platform == "facebook" else [])]
        found += [(code, value) for value in dict.fromkeys(values) if value]
    return found


def find(query: Patient, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Return which items have which of the names (property, value) in a statement that is not deprecated."""
    found: dict[tuple[str, str], set[str]] = {}
    for start in range(0, len(names), MOST_NAMES):
        values = " ".join(
            f"(ps:{code} {_literal(value)})" for code, value in names[start : start + MOST_NAMES]
        )
        text = (
            f"SELECT ?item ?name ?value WHERE {{ VALUES (?name ?value) {{ {values} }} ?statement ?name ?value ; "
            "wikibase:rank ?rank . FILTER(?rank != wikibase:DeprecatedRank) ?item ?claim ?statement . }"
        )
        answer = query.get(
            "/sparql", [("format", "json"), ("query", text)], accept="application/sparql-results+json"
        )
        for code, value, item in _bindings(answer):
            found.setdefault((code, value), set()).add(item)
    return found


def _literal(value: str) -> str:
    escaped = re.sub(r'[\\"]', r"\\\g<0>", re.sub(r"[\x00-\x1f\x7f]", "", value))
    return f'"{escaped}"'


def _bindings(answer: Answer) -> Iterable[tuple[str, str, str]]:
    body = answer.ok().json()
    rows = dig(body, "results", "bindings")
    if not isinstance(rows, list):
        raise Unavailable("bad_shape", "no bindings")
    for row in objects(rows):
        code = word(dig(row, "name", "value")).rpartition("/")[2]
        item = word(dig(row, "item", "value")).rpartition("/")[2]
        if code in NAMES and ITEM.fullmatch(item):
            yield code, word(dig(row, "value", "value")), item


def fetch(wiki: Patient, item: str) -> dict[str, object] | None:
    """Return the item's statements of accounts and counts, by property; None where there is no such item.

    A merged item gives those of the one it was merged into.
    """
    path = f"/w/rest.php/wikibase/v1/entities/items/{quote(item, safe='')}/statements"
    answer = wiki.get(path, follow=True)
    if answer.status == 404:
        return None
    try:
        body = answer.ok().json()
    except Unavailable as unavailable:
        if unavailable.code != "too_large":
            raise
        body = {}  # an item of many thousand statements: asked for one property at a time
        for code in (FOLLOWERS, *NAMES):
            part = wiki.get(path, [("property", code)], follow=True).ok().json()
            body |= part if isinstance(part, dict) else {}
    if not isinstance(body, dict):
        raise Unavailable("bad_shape", "no statements")
    return {code: statements for code, statements in body.items() if code == FOLLOWERS or code in NAMES}


# Reading


def read(item: str, body: dict[str, object]) -> Item:
    """Return the counts in an item's statements (property -> statements); whatever is malformed is left, never
    guessed."""
    statements = [
        (code, statement)
        for code in (FOLLOWERS, *NAMES)
        for statement in objects(body.get(code))[:MOST_STATEMENTS]
    ]
    presences = _by_key(_presence(code, statement) for code, statement in statements)
    counts: list[Count] = []
    left: list[Left] = []
    for code, statement in statements:
        made = _read(item, code, statement, presences)
        if isinstance(made, Count):
            counts.append(made)
        elif made:
            left.append(made)
    counts, twofold = _drop_disputed(counts)
    in_use = dict.fromkeys(
        _all_names(names, presences)
        for code, statement in statements
        if (names := _presence(code, statement)) and not _qualifiers(statement, END_TIME)
    )
    return Item(_own_id(item, statements), tuple(counts), tuple(left + twofold), tuple(in_use))


def keys(targets: Iterable[Target]) -> set[tuple[str, str, str]]:
    """Return what the names are compared by; two that share one are the same account. An id is never a handle."""
    found = set()
    for target in targets:
        fold = facebook.plain if target.platform == "facebook" else str.casefold
        if target.platform_id:
            found.add((target.platform, "id", target.platform_id))
        if target.handle:
            found.add((target.platform, "handle", fold(target.handle)))
    return found


def _read(item: str, code: str, statement: dict[str, object], presences: Presences) -> Count | Left | None:
    """Return the count of a statement, or why it is left; None where it holds none."""
    given = (
        [statement] if code == FOLLOWERS else [one for name in COUNTS for one in _qualifiers(statement, name)]
    )
    if not given:
        return None
    address = _address(item, code, statement)
    targets, refused = _targets(code, statement)

    def leave(why: LeftReason, detail: str = "") -> Left:
        return Left(why, printable(detail, 100), address, targets)

    rank = word(statement.get("rank"))
    if rank not in RANKS:
        return leave(LeftReason.DEPRECATED, rank)
    if len(given) > 1:
        return leave(LeftReason.SEVERAL, f"{len(given)} counts")
    if refused:
        return leave(LeftReason.BAD_NAME, refused)
    platforms = {target.platform for target in targets}
    if len(platforms) != 1:
        return leave(LeftReason.SEVERAL if platforms else LeftReason.NO_ACCOUNT, ", ".join(sorted(platforms)))
    content = _content(given[0])
    if content is None:
        return leave(LeftReason.NO_VALUE, word(dig(given[0], "value", "type")))
    followers = _followers(content)
    if followers is None:
        return leave(LeftReason.NOT_A_COUNT, f"{word(dig(content, 'amount'))} {word(dig(content, 'unit'))}")
    times = _qualifiers(statement, POINT_IN_TIME)
    if len(times) != 1:
        return leave(
            LeftReason.SEVERAL if times else LeftReason.NO_DAY, f"{len(times)} days" if times else ""
        )
    when = _day(_content(times[0]))
    if when is None:
        return leave(LeftReason.BAD_DAY, word(dig(times[0], "value", "content", "time")))
    circa = any(
        word(_plain_content(one)) == CIRCA for one in _qualifiers(statement, CIRCUMSTANCES)
    ) or _is_range(content)
    return Count(
        _all_names(targets, presences),
        followers,
        *when,
        "~" if circa else "=",
        rank,
        address,
        _reference(statement),
    )


def _targets(code: str, statement: dict[str, object]) -> tuple[frozenset[Target], str]:
    """Return the accounts that a statement names, in its value and its qualifiers; and what can be no name, "" where
    all can."""
    found, refused = set(), ""
    named = [(code, statement)] if code in NAMES else []
    named += [(name, one) for name in NAMES for one in _qualifiers(statement, name)]
    for name, holder in named:
        value = word(_plain_content(holder))
        target = target_of(name, value)
        if target:
            found.add(target)
        else:
            refused = f"{name} {value}"
    return frozenset(found), refused


def target_of(code: str, value: str) -> Target | None:
    """Return the account that a value of the property names; None where it can be none."""
    platform, shape = NAMES[code]
    if not value or len(value) > 200 or re.search(r"[\s/?#]", value):
        return None
    try:
        return registry.parse(shape.format(value), platform)
    except NotAnAccount:
        return None


def _presence(code: str, statement: dict[str, object]) -> frozenset[Target]:
    """Return the names of one account that a statement ties together: @examplemin has the number 1000000001."""
    if code not in NAMES or word(statement.get("rank")) not in RANKS:
        return frozenset()
    targets, refused = _targets(code, statement)
    return targets if not refused and len({target.platform for target in targets}) == 1 else frozenset()


def _by_key(presences: Iterable[frozenset[Target]]) -> Presences:
    found: dict[tuple[str, str, str], set[Target]] = {}
    for presence in presences:
        for key in keys(presence):
            found.setdefault(key, set()).update(presence)
    return found


def _all_names(targets: frozenset[Target], presences: Presences) -> frozenset[Target]:
    """Return the names and all that the item ties to one of them."""
    return targets.union(*(presences.get(key, ()) for key in keys(targets)))


def _drop_disputed(counts: list[Count]) -> tuple[list[Count], list[Left]]:
    """Return the counts of which only one stands for an account and a day: the preferred one, or what all say."""
    kept: list[Count] = []
    left: list[Left] = []
    days: dict[tuple[str, date, str], list[Count]] = {}
    for one in sorted(counts, key=lambda count: RANKS.index(count.rank)):
        days.setdefault((one.platform, one.day, one.span), []).append(one)
    for of_day in days.values():
        taken: set[tuple[str, str, str]] = set()
        for one in of_day:
            others = [other for other in of_day if keys(one.targets) & keys(other.targets)]
            said = {other.followers for other in others if other.rank == others[0].rank}
            if said != {one.followers}:
                detail = ", ".join(str(other.followers) for other in others[:5])
                left.append(Left(LeftReason.TWO_VALUES, detail, one.statement, one.targets))
            elif not keys(one.targets) & taken:
                kept.append(one)
                taken |= keys(one.targets)
    return sorted(kept, key=lambda count: (count.platform, count.day, count.span)), left


# The parts of a statement


def _qualifiers(statement: dict[str, object], code: str) -> list[dict[str, object]]:
    return [one for one in objects(statement.get("qualifiers"))[:500] if dig(one, "property", "id") == code]


def _plain_content(holder: object) -> object:
    """Return the value of a statement or qualifier; None where it is unknown or none."""
    return dig(holder, "value", "content") if dig(holder, "value", "type") == "value" else None


def _content(holder: object) -> dict[str, object] | None:
    content = _plain_content(holder)
    return content if isinstance(content, dict) else None


def _followers(content: dict[str, object]) -> int | None:
    amount = word(content.get("amount"))
    if content.get("unit") not in ("1", None) or not AMOUNT.fullmatch(amount):
        return None
    followers = int(Decimal(amount))
    return followers if followers <= MOST_FOLLOWERS else None


def _is_range(content: dict[str, object]) -> bool:
    """Tell whether the quantity has bounds that are not the amount itself."""
    bounds = [word(content.get(name)) for name in ("lowerBound", "upperBound")]
    try:
        return any(bound and Decimal(bound) != Decimal(word(content.get("amount"))) for bound in bounds)
    except InvalidOperation:
        return True


def _day(content: dict[str, object] | None) -> tuple[date, str] | None:
    """Return the first day of the span, and the span; None for what is no day, month or year of our calendar."""
    if content is None:
        return None
    written, precision = TIME.fullmatch(word(content.get("time"))), content.get("precision")
    if written is None or isinstance(precision, bool) or not isinstance(precision, int):
        return None
    span, calendar = SPANS.get(precision), word(content.get("calendarmodel"))
    if span is None or not calendar.endswith(f"/{GREGORIAN}") or int(written[1]) < FIRST_YEAR:
        return None
    year, month, day = (int(part) for part in written.groups())
    try:
        return date(year, month if span != "year" else 1, day if span == "day" else 1), span
    except ValueError:
        return None


def _reference(statement: dict[str, object]) -> str:
    """Return the first address among the references, "" where there is none that can be followed."""
    for reference in objects(statement.get("references"))[:50]:
        for part in objects(reference.get("parts"))[:50]:
            if dig(part, "property", "id") == REFERENCE_URL:
                address = printable(_plain_content(part), 900)
                if re.fullmatch(r"https?://[^\s<>\"]{3,900}", address):
                    return address
    return ""


def _address(item: str, code: str, statement: dict[str, object]) -> str:
    """Return where people see the statement."""
    own = word(statement.get("id"))
    if re.fullmatch(r"[Qq][1-9][0-9]{0,11}\$[0-9A-Za-z-]{1,60}", own):
        return f"{SHOWN_AT}/wiki/{own.partition('$')[0].upper()}#{own}"
    return f"{SHOWN_AT}/wiki/{item}#{code}"


def _own_id(item: str, statements: list[tuple[str, dict[str, object]]]) -> str:
    """Return the id that the statements carry: another one than was asked for where the item was merged."""
    for _code, statement in statements:
        own = word(statement.get("id")).partition("$")[0].upper()
        if ITEM.fullmatch(own):
            return own
    return item
