"""An archived page and what stands on it. Every search is bounded: a page may be long, broken or made to harm."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from apps.collectors.http import printable
from apps.collectors.numbers import UNITS, read_printed
from apps.collectors.outcomes import dig, number, word
from apps.collectors.types import Target

MOST: Final = 20_000_000_000  # more than there are people: not a count of followers
NODE: Final = 160  # signs of a text that says how many follow
ANCHORS: Final = 5000  # places on a page that are looked at for one word
MOST_PARTS: Final = (
    400_000  # of the data inside a page; as objects it would be thirty times what it is as text
)
TAG: Final = re.compile(r"<[^<>]{0,4000}>")
CHARSET: Final = re.compile(rb"charset=[\"']?\s{0,9}([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
CHARSETS: Final = ("utf-8", "windows-1251", "koi8-r")
N: Final = rf"([0-9](?:[0-9 ,.\u00a0\u202f\u2009']{{0,24}}[0-9])?(?:\s?(?:{UNITS})\.?)?)"
# A whole text that says how many follow. The Kazakh and Russian ones are as pages of that language print them.
FOLLOW: Final = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"{N}\s?(?:people follow this(?: page| place)?|person follows this(?: page| place)?)",
        rf"followed by {N} (?:people|person)",
        rf"{N}\s?(?:followers?|subscribers?)",
        rf"followers:? {N}",
        rf"{N}\s?(?:подписчик(?:а|ов)?|читател(?:ь|я|ей))",
        rf"подписчики:? {N}",
        rf"(?:на это )?подписан[ыо]?:? {N} (?:человека?|людей|пользовател(?:ь|я|ей))",
        rf"{N} (?:человека?|людей|пользовател(?:ь|я|ей)) подписан[ыо]?(?: на это)?",
        rf"{N}\s?жазылушы(?:сы)?",
        rf"жазылушылар:? {N}",
        rf"{N} адам (?:жазылған|жазылды|оқиды)",
    )
)
FOLLOW_WORD: Final = re.compile(r"follow|subscriber|подпис|читател|жазыл|оқиды", re.IGNORECASE)
LIKES: Final = re.compile(
    r"[0-9]\S{0,20}\s(?:\S{1,12}\s){0,2}(?:likes?\b|like this|нравится|ұнат|отмет)|нравится \S{0,3}[0-9]",
    re.IGNORECASE,
)
LOGIN: Final = re.compile(
    r"log ?in to (?:continue|facebook)|must log ?in|log in or sign up|loginform|login_form|LoginAndSignupPage|"
    r"войдите на facebook|выполните вход|facebook-ке кіру|жүйеге кір",
    re.IGNORECASE,
)
GONE: Final = re.compile(
    r"page (?:isn.t available|not found|you requested cannot be displayed)|content (?:isn.t|is not) available|"
    r"account (?:has been )?suspended|page doesn.t exist|channel (?:doesn.t|does not) exist|"
    r"страница (?:не найдена|недоступна|удалена)|(?:сейчас )?этот контент недоступен|бет табылмады|бет қолжетімсіз",
    re.IGNORECASE,
)


class NoNumberReason(StrEnum):
    """Why an archived page gives no number: the closed set of NoNumber's codes."""

    LOGIN = "login"  # a wall that asks to sign in
    GONE = "gone"  # the site says that there is no such page
    LIKES_ONLY = "likes_only"  # likes are not followers
    SCRIPT_ONLY = "script_only"  # the number came by script, and the archive did not keep it
    SEVERAL = "several"  # different numbers, and nothing says which is the account's
    OTHER_ACCOUNT = "other_account"  # the page names another handle or id
    NO_COUNT = "no_count"  # nothing on it that is known to be a count of followers
    NO_READER = "no_reader"  # pages of this platform are not read
    REDIRECT = "redirect"  # the archive leads to another capture or page
    NOT_KEPT = "not_kept"  # the archive has no such capture any more
    EXCLUDED = "excluded"  # the archive may not show it
    NOT_A_PAGE = "not_a_page"  # neither HTML nor text
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"  # the archived bytes cannot be unpacked


class NoNumber(Exception):
    """An archived page from which no number may be taken. `seen` is what decided, at most 100 signs."""

    def __init__(self, code: NoNumberReason, seen: str = "") -> None:
        super().__init__(f"{code}: {seen}" if seen else str(code))
        self.code = code
        self.seen = printable(seen, 100)


@dataclass(frozen=True)
class Page:
    text: str
    captured: datetime  # UTC
    target: Target  # whose page it should be


@dataclass(frozen=True)
class Shown:
    """The number of followers a page shows."""

    followers: int
    precision: str  # exact | 3sf | abbrev
    words: str  # as it was printed
    platform_id: str = ""  # the id that the page says it is of, where it says one


def text_of(body: bytes, content_type: str) -> str:
    """Return the bytes as text, by the charset the header or the page names; what cannot be read becomes a mark."""
    named = CHARSET.search(content_type.encode("ascii", "ignore")) or CHARSET.search(body[:4096])
    charset = named[1].decode().lower() if named else "utf-8"
    text = body.decode(charset if charset in CHARSETS else "utf-8", errors="replace")
    return text.replace("<!-- -->", "")


def count(text: str) -> tuple[int, str] | None:
    """Return a printed number of people and its precision (exact or abbrev); None where it is none or too large to be
    one."""
    found = read_printed(text)
    return found if found and found[0] <= MOST else None


def plain(fragment: str) -> str:
    """Return the text of a short piece of HTML."""
    return " ".join(html.unescape(TAG.sub(" ", fragment)).split())


def says_how_many_follow(text: str) -> tuple[int, str] | None:
    """Return the number and its precision where the whole text says how many follow; else None."""
    for shape in FOLLOW:
        said = shape.fullmatch(text)
        if said:
            return count(said[1])
    return None


def nodes(text: str, around: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Yield the texts between two tags, or inside a JSON string, in which the words stand; each with its place."""
    last = -1
    for number_of_them, anchor in enumerate(around.finditer(text)):
        if number_of_them >= ANCHORS:
            return
        start, end = _edges(text, anchor.start(), anchor.end())
        if start > last and end - start <= NODE:
            last = start
            yield start, _unescape(text[start:end])


def _edges(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds from the > or " before to the < or " after, at most NODE signs away each."""
    before = max(text.rfind(mark, max(0, start - NODE), start) for mark in '>"')
    after = [place for mark in '<"' if (place := text.find(mark, end, end + NODE)) >= 0]
    return (before + 1, min(after)) if before >= 0 and after else (0, NODE + 1)


def _unescape(text: str) -> str:
    if "\\" in text:
        try:
            text = str(json.loads(f'"{text}"'))
        except ValueError:
            return ""
    return " ".join(html.unescape(text).split())


def one_of(found: Iterable[tuple[int, str, str]]) -> Shown | None:
    """Return what all of them say; None where there is none. Raises NoNumber where they differ.

    Each is a number, its precision and its words. An abbreviated one that the exact one rounds to says the same.
    """
    all_of_them = list(dict.fromkeys(found))
    exact = {value for value, precision, _words in all_of_them if precision == "exact"}
    rounded = [(value, words) for value, precision, words in all_of_them if precision != "exact"]
    if len(exact) > 1 or (not exact and len({value for value, _words in rounded}) > 1):
        raise NoNumber(
            NoNumberReason.SEVERAL, ", ".join(words for _value, _precision, words in all_of_them[:4])
        )
    for value, words in rounded:
        if exact and not _rounds_to(next(iter(exact)), value):
            raise NoNumber(NoNumberReason.SEVERAL, f"{next(iter(exact))}, {words}")
    if not all_of_them:
        return None
    value, precision, words = min(all_of_them, key=lambda one: one[1] != "exact")
    return Shown(value, precision, printable(words, NODE))


def _rounds_to(value: int, short: int) -> bool:
    """Tell whether a number may be abbreviated to the other: within one unit of its second figure."""
    return abs(value - short) < int(10 ** max(len(str(short)) - 2, 0))


def whole(value: object) -> Shown | None:
    """Return a count that stands in a page's own data, as a whole number; None where it is none."""
    found = number(value)
    return Shown(found, "exact", str(found)) if found is not None and found <= MOST else None


def json_at(text: str, place: int) -> object:
    """Return the JSON object that begins at the first brace at or soon after the place; None where none does."""
    start = text.find("{", place, place + 100)
    if start < 0 or sum(text.count(mark, start) for mark in "{[,") > MOST_PARTS:
        return None
    try:
        found: object = json.JSONDecoder(parse_int=_short_int, parse_constant=str).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
    return found


def _short_int(digits: str) -> int | str:
    return int(digits) if len(digits) < 30 else digits


def check_handle(page: Page, named: object) -> None:
    """Raises NoNumber where the page names another handle than the one that was looked for."""
    name, handle = word(named), page.target.handle
    if name and handle and name.casefold() != handle.casefold():
        raise NoNumber(NoNumberReason.OTHER_ACCOUNT, name)


def nothing(page: Page) -> NoNumber:
    """Say why there is no number on a page on which none was found."""
    for code, sign in (
        (NoNumberReason.GONE, GONE),
        (NoNumberReason.LOGIN, LOGIN),
        (NoNumberReason.LIKES_ONLY, LIKES),
    ):
        seen = sign.search(page.text[:1_000_000])
        if seen:
            return NoNumber(code, plain(seen[0]))
    return NoNumber(NoNumberReason.NO_COUNT)


__all__ = [
    "NODE",
    "N",
    "NoNumber",
    "NoNumberReason",
    "Page",
    "Shown",
    "check_handle",
    "count",
    "dig",
    "json_at",
    "nodes",
    "nothing",
    "one_of",
    "plain",
    "says_how_many_follow",
    "text_of",
    "whole",
    "word",
]  # fmt: skip
