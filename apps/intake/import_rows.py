"""The rows of an imported table: which column is what, whom a row means, what it says. Nothing is written here."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.collecting import adapters
from apps.collectors.numbers import MOST, NotACount, read_count
from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import NotAnAccount, Target
from apps.common.sheets import LONGEST_CELL, NoTable, Record
from apps.common.tables import shown
from apps.registry.models import Account, Actor, HandleChange, OldSlug
from apps.registry.names import fold
from apps.registry.words import not_an_account
from apps.snapshots.dates import parse_instant, parse_when
from apps.snapshots.models import Bound, Precision, Span, State
from apps.snapshots.recording import day_of
from apps.snapshots.words import NOT_A_COUNT

# The columns of our own export and of the reference dataset, and what people call them; the first is our own word.
COLUMNS = {
    "actor": "actor_slug actor slug name актор субъект имя название атауы аты кім кто",
    "platform": "platform платформа сеть желі",
    "handle": "handle username хэндл ник",
    "address": "address url link адрес ссылка мекенжай сілтеме",
    "account_id": "account_id",
    "day": "day observed date дата день күні күн уақыты",
    "span": "span",
    "followers": "followers count subscribers подписчики число количество жазылушылар саны",
    "state": "state состояние күйі",
    "bound": "bound",
    "precision": "precision",
    "observed_at": "observed_at",
    "source": "source источник дереккөз",
    "locator": "locator page страница бет",
    "note": "note comment примечание комментарий ескерту",
    "": "actor_name kind",  # for people; not read
}
KNOWN = {word: column for column, words in COLUMNS.items() for word in words.split()}
LONG_ONLY = ("day", "span", "followers", "state", "bound", "observed_at")
NOTHING = {"", "-", "–", "—", "…"}  # an empty place in a wide table: missing stays missing
SPANS = {span.word: span for span in Span}
SPACED = re.compile(
    "[0-9]{1,3}([ \u00a0\u202f,.])[0-9]{3}(?:\\1[0-9]{3}){0,2}", re.ASCII
)  # the quick way for the most
NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
LONGEST_LOCATOR = 1000


@dataclass(frozen=True)
class Layout:
    """Which column stands where; in a wide table also the columns that are dates."""

    names: Sequence[str]  # as the file writes them
    places: Mapping[str, int]
    dated: Sequence[tuple[int, date, Span]] = ()

    @property
    def word(self) -> str:
        return "wide" if self.dated else "long"

    def named(self, column: str) -> str:
        """The column as the file calls it."""
        return self.names[self.places[column]] if column in self.places else column


def layout_of(header: Sequence[str]) -> Layout:
    """Raises NoTable where it cannot be told what the columns are."""
    names = [shown(name.strip()) for name in header]
    places: dict[str, int] = {}
    dated: dict[tuple[date, Span], int] = {}
    unknown = []
    for place, name in enumerate(names):
        column, when = KNOWN.get(name.lower()), parse_when(name)
        if when is not None:
            if when in dated:
                raise NoTable(_("The column “%(name)s” stands here twice.") % {"name": name})
            dated[when] = place
        elif column is None:
            unknown.append(name)
        elif column and column in places:
            first = names[places[column]]
            raise NoTable(
                _("The columns “%(one)s” and “%(other)s” mean the same.") % {"one": first, "other": name}
            )
        elif column:
            places[column] = place
    if unknown:
        raise NoTable(
            _("The column “%(name)s” is not known; known are: %(known)s, and dates.")
            % {"name": unknown[0], "known": ", ".join(words.split()[0] for words in COLUMNS.values())}
        )
    _check_columns(places, dated)
    return Layout(names, places, [(place, *when) for when, place in dated.items()])


def _check_columns(places: Mapping[str, int], dated: Collection[object]) -> None:
    if dated and any(column in places for column in LONG_ONLY):
        raise NoTable(
            _("A table has either a column for the day and one for the followers, or a column for each date.")
        )
    if not dated and not {"day", "followers"} <= places.keys():
        raise NoTable(
            _(
                "The first line must name the columns: actor, platform, day and followers; or actor, platform "
                "and a column for each date, such as 2017 or 2022-03."
            )
        )
    if not places.keys() & {"actor", "handle", "address", "account_id"}:
        raise NoTable(_("No column says whose counts these are: name one “actor”, “address” or “handle”."))


class Staged(NamedTuple):
    """A count as it is written into the staging table, or what is wrong with it."""

    line: int
    cell: str = ""
    account_id: int | None = None
    day: date | None = None
    span: int | None = None
    state: str = ""
    followers: int | None = None
    bound: str = ""
    precision: str = ""
    observed_at: datetime | None = None
    source_id: int | None = None
    locator: str = ""
    note: str = ""
    problem: str = ""


class Value(NamedTuple):
    state: str
    followers: int | None
    bound: str
    precision: str
    wording: str = ""


class Wrong(ValueError):
    """A mistake in one cell. `column` is our word for the column."""

    def __init__(self, column: str, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.column = column


@dataclass(frozen=True)
class Tracked:
    """All accounts, as a row may name them."""

    actors: Mapping[str, Collection[int]]  # slug, old slug or folded name -> keys
    accounts: Mapping[tuple[int, str], Sequence[int]]  # (actor, platform) -> accounts
    handles: Mapping[int, Collection[str]]  # account -> its handles, old and new, in small letters
    by_handle: Mapping[tuple[str, str], int]  # (platform, handle in small letters) -> account
    by_id: Mapping[tuple[str, str], int]  # (platform, platform id) -> account

    @classmethod
    def now(cls) -> "Tracked":
        """Four statements, however many there are."""
        actors: dict[str, set[int]] = defaultdict(set)
        for pk, *names in Actor.objects.order_by().values_list("pk", "name_en", "name_ru", "name_kk"):
            for name in names:
                actors[_folded(name)].add(pk)
        slugs = dict(OldSlug.objects.values_list("slug", "actor"))
        slugs |= dict(Actor.objects.order_by().values_list("slug", "pk"))
        actors |= {slug: {pk} for slug, pk in slugs.items()}
        found = cls(actors, defaultdict(list), defaultdict(set), {}, {})
        rows = Account.objects.order_by("pk").values_list("pk", "actor", "platform", "handle", "platform_id")
        for pk, actor, platform, handle, platform_id in rows:
            found.accounts[actor, platform].append(pk)  # type: ignore[attr-defined]  # a list while it is made
            found.handles[pk].add(handle.lower())  # type: ignore[attr-defined]  # a set while it is made
            if handle:
                found.by_handle[platform, handle.lower()] = pk  # type: ignore[index]  # a dict while it is made
            if platform_id:
                found.by_id[platform, platform_id] = pk  # type: ignore[index]  # a dict while it is made
        for pk, old in HandleChange.objects.order_by().values_list("account", "old"):
            found.handles[pk].add(old.lower())  # type: ignore[attr-defined]  # a set while it is made
        return found

    def of_target(self, target: Target) -> int | None:
        return self.by_id.get((target.platform, target.platform_id)) or self.by_handle.get(
            (target.platform, target.handle.lower())
        )


def _folded(name: str) -> str:
    return " ".join(fold(name).split())


@dataclass
class Reader:
    """Reads the rows of one table. Whom the same words mean is looked up once."""

    layout: Layout
    tracked: Tracked
    sources: Mapping[str, int]  # key -> source; "" is that of the rows that name none
    platform: str  # of the rows that name none
    today: date
    _who: dict[tuple[str, ...], int | Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._states = _words_for_states()
        self._days: dict[tuple[str, str], tuple[date, int]] = {}
        self._has_instants = "observed_at" in self.layout.places
        self._has_states = bool(self.layout.places.keys() & {"state", "bound", "precision"})
        named = ("actor", "platform", "handle", "address", "account_id")
        self._naming = [self.layout.places[column] for column in named if column in self.layout.places]
        self._telling = [
            self.layout.places[c] for c in ("source", "locator", "note") if c in self.layout.places
        ]
        # Only who, when and how many: no column that a row could say more in.
        self._is_plain = (
            self.layout.places.keys() <= {*named, "", "day", "followers"} and not self.layout.dated
        )
        self._day, self._count = (self.layout.places.get(column, -1) for column in ("day", "followers"))
        self._platforms = {name.casefold(): code for code, name in PLATFORMS.items()}
        self._platforms |= {code: code for code in PLATFORMS}

    def rows(self, record: Record) -> Iterator[Staged]:
        """The counts of one row, each good or with what is wrong; none for a row of a wide table without a count."""
        if record.broken:
            yield Staged(record.line, problem=f"row: {record.broken}")
            return
        plain = self._plain(record) if self._is_plain else None
        if plain:
            yield plain
            return
        cells = [cell.strip() for cell in record.cells]
        if self.layout.dated:
            yield from self._wide(record.line, cells)
        else:
            yield self._long(record.line, cells)

    def _plain(self, record: Record) -> Staged | None:
        """The quick way for nearly all rows of a large file: words that were met before, and digits. None: look closer."""
        cells = record.cells
        together = "".join(cells)
        if len(cells) != len(self.layout.names) or len(together) > 1000 or not together.isascii():
            return None
        if " " in together or not together.isprintable():
            return None
        account = self._who.get(tuple([cells[place] for place in self._naming]))
        when = self._days.get((cells[self._day], ""))
        text = cells[self._count]
        if when is None or not isinstance(account, int) or len(text) > 9 or not text.isdecimal():
            return None
        day, span = when
        return Staged(
            record.line, "", account, day, span, "counted", int(text), "=", "printed", None, self.sources[""]
        )

    def _long(self, line: int, cells: list[str]) -> Staged:
        try:
            self._check_text(cells)
            account, (day, span) = self._account(cells), self._when(cells)
            instant = _instant(self._cell(cells, "observed_at"), day, span) if self._has_instants else None
            state, followers, bound, precision, wording = self._value(cells)
            source, locator, note = self._told(cells)
        except Wrong:
            return Staged(line, problem=self._said(self._mistakes(cells)))
        return Staged(
            line,
            "",
            account,
            day,
            span,
            state,
            followers,
            bound,
            precision,
            instant,
            source,
            locator,
            note or wording,
        )

    def _mistakes(self, cells: list[str]) -> list[Wrong]:
        """Every mistake of a row, not only the first."""
        found: list[Wrong] = []
        for look in (self._check_text, self._account, self._instant_of, self._value, self._told):
            try:
                look(cells)
            except Wrong as error:
                found.append(error)
                if look == self._check_text:
                    break
        return found

    def _instant_of(self, cells: list[str]) -> datetime | None:
        return _instant(self._cell(cells, "observed_at"), *self._when(cells))

    def _wide(self, line: int, cells: list[str]) -> Iterator[Staged]:
        names = self.layout.names
        try:
            self._check_text(cells)
            written = [
                (place, day, span) for place, day, span in self.layout.dated if cells[place] not in NOTHING
            ]
            if not written:
                return
            account, (source, locator, note) = self._account(cells), self._told(cells)
            precision = self._one_of(cells, "precision", Precision.values)
        except Wrong as error:
            yield Staged(line, problem=self._said([error]))
            return
        for place, day, span in written:
            text = cells[place]
            try:
                if day > self.today:
                    raise Wrong(names[place], _("This day is yet to come."))
                state = self._states.get(text.lower())
                value = (
                    Value(state, None, "=", "exact")
                    if state and state != State.COUNTED
                    else _counted(text, "", precision, names[place])
                )
            except Wrong as error:
                yield Staged(line, names[place], problem=self._said([error]))
                continue
            yield Staged(
                line,
                names[place],
                account,
                day,
                int(span),
                *value[:4],
                None,
                source,
                locator,
                note or value.wording,
            )

    def _said(self, wrong: Sequence[Wrong]) -> str:
        return "\n".join(f"{self.layout.named(error.column)}: {error}" for error in wrong)

    def _check_text(self, cells: list[str]) -> None:
        if len(cells) != len(self.layout.names):
            sentence = _("This line has %(count)d cells, the header has %(expected)d.")
            raise Wrong("row", sentence % {"count": len(cells), "expected": len(self.layout.names)})
        together = "".join(cells)
        if together.isascii() and together.isprintable() and len(together) < 1000:
            return
        if "\r" in together:
            cells[:] = [cell.replace("\r\n", "\n") for cell in cells]
            together = "".join(cells)
        if not (NO_TEXT.search(together) or "\n" in together or "\t" in together or len(together) > 1000):
            return
        note = self.layout.places.get("note", -1)
        for place, cell in enumerate(cells):
            if NO_TEXT.search(cell) or (place != note and ("\n" in cell or "\t" in cell)):
                raise Wrong(self.layout.names[place], _("This holds a character that is not text."))
            if len(cell) > LONGEST_CELL:
                raise Wrong(self.layout.names[place], _("This is too long."))

    def _cell(self, cells: list[str], column: str) -> str:
        place = self.layout.places.get(column)
        return "" if place is None else cells[place]

    def _one_of(self, cells: list[str], column: str, known: Collection[str]) -> str:
        cell = self._cell(cells, column)
        if cell and cell not in known:
            raise Wrong(
                column,
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(cell), "choices": ", ".join(known)},
            )
        return cell

    def _account(self, cells: list[str]) -> int:
        who = tuple([cells[place] for place in self._naming])
        found = self._who.get(who)
        if found is None:
            try:
                named = ("actor", "platform", "handle", "address", "account_id")
                found = self._meant(*(self._cell(cells, column) for column in named))
            except Wrong as error:
                found = error
            if len(self._who) < 200_000:
                self._who[who] = found
        if isinstance(found, Wrong):
            raise found
        return found

    def _meant(self, actor: str, platform: str, handle: str, address: str, account_id: str) -> int:
        """The account that these cells name: by address, by actor and platform, by handle, at last by our own id."""
        code = self._platforms.get(platform.casefold()) if platform else self.platform
        if platform and not code:
            known = ", ".join(PLATFORMS)
            raise Wrong(
                "platform",
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(platform), "choices": known},
            )
        if address:
            return self._addressed(address, code or "")
        own = int(account_id) if account_id.isdecimal() and len(account_id) < 19 else None
        if not actor:
            return self._without_actor(code or "", handle.removeprefix("@").lower(), own)
        if not code:
            raise Wrong("platform", _("This must not be empty."))
        keys = self.tracked.actors.get(actor) or self.tracked.actors.get(_folded(actor), ())
        if len(keys) > 1:
            raise Wrong(
                "actor", _("Several actors have this name; write the short name of the address of its page.")
            )
        wanted = handle.removeprefix("@").lower()
        found = [
            account
            for key in keys
            for account in self.tracked.accounts.get((key, code), ())
            if not wanted or wanted in self.tracked.handles[account]
        ]
        if len(found) > 1:
            found = [account for account in found if account == own] or found
        if not found:
            raise Wrong("handle" if handle else "platform", _("The actor has no such account. Add it first."))
        if len(found) > 1:
            raise Wrong("platform", _("The actor has several accounts there; name one in the column handle."))
        return found[0]

    def _addressed(self, address: str, platform: str) -> int:
        try:
            target = adapters.parse(address, platform)
        except NotAnAccount as refused:
            raise Wrong("address", not_an_account(refused)) from None
        account = self.tracked.of_target(target)
        if account is None:
            raise Wrong("address", _("This account is not tracked. Add it first."))
        return account

    def _without_actor(self, platform: str, handle: str, own: int | None) -> int:
        if handle and platform:
            account = self.tracked.by_handle.get((platform, handle))
            if account is None:
                raise Wrong("handle", _("This account is not tracked. Add it first."))
            return account
        if own in self.tracked.handles and own is not None and not handle:
            return own
        raise Wrong("actor", _("This must not be empty."))

    def _when(self, cells: list[str]) -> tuple[date, int]:
        key = (self._cell(cells, "day"), self._cell(cells, "span"))
        found = self._days.get(key)
        if found is None:
            day, span = self._read_when(cells)
            found = self._days[key] = (day, int(span))
        return found

    def _read_when(self, cells: list[str]) -> tuple[date, Span]:
        text = self._cell(cells, "day")
        if not text:
            raise Wrong("day", _("This must not be empty."))
        when = parse_when(text)
        if when is None:
            raise Wrong(
                "day",
                _("“%(value)s” is not a date; write 2017, 2017-06 or 2017-06-15.") % {"value": shown(text)},
            )
        if when[0] > self.today:
            raise Wrong("day", _("This day is yet to come."))
        word = self._one_of(cells, "span", SPANS)
        if not word:
            return when
        span = SPANS[word]
        day = when[0]
        first = day.replace(month=1, day=1) if span == Span.YEAR else day.replace(day=1)
        if when[1] != Span.DAY or (span != Span.DAY and day != first):
            raise Wrong(
                "day", _("Write the first day of the span: 2017-01-01 for a year, 2017-06-01 for a month.")
            )
        return day, span

    def _value(self, cells: list[str]) -> Value:
        count, state = self._cell(cells, "followers"), self._cell(cells, "state")
        if not self._has_states:
            return _counted(count, "", "", "followers")
        bound = self._one_of(cells, "bound", Bound.values)
        precision = self._one_of(cells, "precision", Precision.values)
        known = self._states.get(state.lower(), "") if state else State.COUNTED.value
        if state and not known:
            raise Wrong(
                "state",
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(state), "choices": ", ".join(State.values)},
            )
        if known == State.COUNTED:
            return _counted(count, bound, precision, "followers")
        if count:
            raise Wrong("followers", _("Only a row whose state is “counted” has a number."))
        if bound not in ("", Bound.EXACTLY):
            raise Wrong("bound", _("Only a row whose state is “counted” has a bound."))
        return Value(known, None, Bound.EXACTLY.value, precision or Precision.PRINTED.value)

    def _told(self, cells: list[str]) -> tuple[int, str, str]:
        if not any(cells[place] for place in self._telling):
            return self.sources[""], "", ""
        key, locator, note = (self._cell(cells, column) for column in ("source", "locator", "note"))
        source = self.sources.get(key)
        if source is None:
            raise Wrong("source", _("There is no source with the key “%(key)s”.") % {"key": shown(key)})
        if len(locator) > LONGEST_LOCATOR:
            raise Wrong("locator", _("This is too long."))
        for column, text in (("locator", locator), ("note", note)):
            if text.startswith("="):
                raise Wrong(column, _("This looks like a formula of a spreadsheet; write plain text."))
        return source, locator, note


def _counted(text: str, bound: str, precision: str, column: str) -> Value:
    """A number in any common way of writing. Digits are as printed, "1,5 млн" is abbreviated and keeps its wording."""
    if text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= MOST:
        return Value("counted", int(text), bound or "=", precision or Precision.PRINTED.value)
    if not text:
        raise Wrong(column, _("This must not be empty."))
    if SPACED.fullmatch(text):
        followers = int(text.replace(text[-4], ""))
        return Value("counted", followers, bound or "=", precision or Precision.PRINTED.value)
    try:
        count = read_count(text)
    except NotACount as refused:
        raise Wrong(column, str(NOT_A_COUNT[refused.code]) % {"seen": shown(refused.seen)}) from None
    own = Precision.PRINTED if count.precision == Precision.EXACT else count.precision
    return Value(
        "counted",
        count.followers,
        bound or str(count.bound),
        precision or str(own),
        "" if text.isdecimal() else text,
    )


def _instant(cell: str, day: date, span: int) -> datetime | None:
    if not cell:
        return None
    instant = parse_instant(cell)
    if instant is None:
        raise Wrong("observed_at", _("Write the instant with its offset: 2026-01-31T18:05:00Z."))
    if span != Span.DAY or day_of(instant) != day:
        raise Wrong("observed_at", _("This instant is not on that day in Almaty."))
    return instant


def _words_for_states() -> dict[str, str]:
    """The codes, and the labels in each language."""
    words = {value: value for value in State.values}
    for language in ("en", "ru", "kk"):
        with override(language):
            words |= {str(state.label).lower(): state.value for state in State}
    return words
