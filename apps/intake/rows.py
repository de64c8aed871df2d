"""The rows of a table of counts: whom a row means, of which day, how many. Nothing is written here.

A row gives readings, each good, or with why it is not: a mistake to mend (error), nothing to record (left), or something
that a person must say first (asked).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.collectors.numbers import MOST, UNIT, NotACount, read_count
from apps.collectors.types import Target
from apps.common.grids import Record, Sheet, covers, read_cell
from apps.common.tables import shown
from apps.intake import headings
from apps.intake.answers import Answers, Questions
from apps.intake.cell_kinds import is_nothing, kind_of, state_of
from apps.intake.dates import (
    ALMATY,
    DAY,
    DateQuestion,
    DateRules,
    NotADate,
    When,
    read_instant,
    read_when,
    shown_span,
)
from apps.intake.layout import Column, Layout
from apps.intake.links import NotALink, is_address, read_account
from apps.intake.names import ActorIndex
from apps.intake.platform_words import NotAPlatform, read_platform
from apps.intake.words import ASKED, LEFT, NOT_A_DATE, NOT_A_LINK, NOT_A_PLATFORM
from apps.registry.words import NOT_AN_ACCOUNT
from apps.snapshots.words import NOT_A_COUNT
from apps.registry.words import NOT_AN_ACCOUNT
from apps.snapshots.words import NOT_A_COUNT

T = TypeVar("T")
LONGEST_CELL: Final = 20_000
LONGEST_LOCATOR: Final = 1000
LONGEST_COLUMN: Final = 80
MOST_REMEMBERED: Final = 200_000
NO_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
SPANS: Final = {"year": 1, "month": 2, "day": 3}
STATES: Final = ("counted", "hidden", "absent", "suspended", "private")
BOUNDS: Final = ("=", ">", "<", "~")
PRECISIONS: Final = ("exact", "3sf", "abbrev", "printed")
# Users of each platform in the world, generously: no account has more followers.
MOST_USERS: Final = {
    "facebook": 3_500_000_000, "instagram": 3_500_000_000, "youtube": 3_500_000_000, "whatsapp": 4_000_000_000,
    "tiktok": 2_500_000_000, "telegram": 1_500_000_000, "x": 1_000_000_000, "threads": 700_000_000, "vk": 700_000_000,
    "ok": 400_000_000, "bluesky": 100_000_000, "mastodon": 30_000_000,
}  # fmt: skip


class Staged(NamedTuple):
    """One count as it goes into the staging table. `kind`: "" good, error, left, asked; `problem` says why."""

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
    kind: str = ""


class Value(NamedTuple):
    """What a cell says of how many follow."""

    state: str
    followers: int | None
    bound: str = "="
    precision: str = "printed"
    wording: str = ""


class Stop(ValueError):
    """Why nothing is recorded of a cell. `kind`: error, left, asked; `column` is a role, or a heading of the table."""

    def __init__(self, kind: str, sentence: str | Promise, column: str = "") -> None:
        super().__init__(str(sentence))
        self.kind, self.column = kind, column


def wrong(column: str, sentence: str | Promise) -> Stop:
    """Return a mistake that a person must mend."""
    return Stop("error", sentence, column)


def left(code: str, seen: str = "") -> Stop:
    """Return why a cell or row holds nothing to record."""
    return Stop("left", str(LEFT[code]) % {"seen": shown(seen)})


@dataclass(frozen=True)
class Tracked:
    """All actors and accounts, as a row may name them."""

    actors: ActorIndex
    slugs: Mapping[str, int]  # slug, also an old one -> actor
    owners: Mapping[int, int]  # account -> actor
    accounts: Mapping[tuple[int, str], Sequence[int]]  # (actor, platform) -> accounts
    platforms: Mapping[int, str]  # account -> platform
    handles: Mapping[int, Collection[str]]  # account -> its handles, old and new, in small letters
    by_handle: Mapping[tuple[str, str], int]  # (platform, handle in small letters) -> account
    by_id: Mapping[tuple[str, str], int]  # (platform, platform id) -> account
    servers: Collection[str] = ()  # of Mastodon
    names: Mapping[int, str] = field(default_factory=dict)  # actor -> slug
    spans: Mapping[tuple[int, date], int] = field(
        default_factory=dict
    )  # (account, first day) -> month or year that stands

    def of_target(self, target: Target) -> int | None:
        by_id = self.by_id.get((target.platform, target.platform_id)) if target.platform_id else None
        return by_id or (
            self.by_handle.get((target.platform, target.handle.lower())) if target.handle else None
        )


@dataclass
class CountReader:
    """Reads the rows of one sheet. Whom the same words mean is looked up once."""

    layout: Layout
    sheet: Sheet
    tracked: Tracked
    answers: Answers
    questions: Questions
    sources: Mapping[str, int | None]  # key -> source; "" is that of the rows that name none
    today: date
    is_exact: bool = False  # the numbers are a platform's own statistics
    _who: dict[tuple[str, ...], int | Stop] = field(default_factory=dict)
    _days: dict[tuple[str, str], tuple[date, int] | Stop] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._roles = {
            column.role: column
            for column in reversed(self.layout.columns)
            if column.role not in ("left", "change", "followers")
        }
        self._addresses = [
            column for column in self.layout.columns if column.role in ("address", "handle", "platform_id")
        ]
        reads_hidden = self.answers.hidden == "read"
        self._counts = [column for column in self.layout.counts if reads_hidden or not column.hidden]
        self._hidden_rows = [] if reads_hidden else self.sheet.hidden_rows
        self._rules = self.answers.rules(day_order=self.layout.day_order, sheet_name=self.layout.sheet_name)
        self._merged = _by_row(self.sheet.merged)
        self._precision = "exact" if self.is_exact else "printed"
        # In a table with one column of counts a row is one count, in a wide one each cell is.
        self.is_long = len(self._counts) == 1 and not self._counts[0].when and not self._counts[0].actor
        self._width = (
            max(
                (column.place for column in self.layout.columns if column.role not in ("left", "change")),
                default=0,
            )
            + 1
        )
        self._is_own_wide = self._reads_own_wide()
        self._plain_places = self._places_of_a_plain_table()

    def _reads_own_wide(self) -> bool:
        """Our chart's wide file has a day and names, and has lost its spans."""
        day = self._roles.get("day")
        return bool(
            day
            and day.name.casefold() == "day"
            and any(column.actor for column in self._counts)
            and "span" not in self._roles
        )

    def _places_of_a_plain_table(self) -> tuple[int, int, list[int]] | None:
        """The places of day, count and names where a row can say nothing more: the quick way for large files."""
        told = {
            "source",
            "locator",
            "note",
            "state",
            "bound",
            "precision",
            "observed_at",
            "span",
        } & self._roles.keys()
        day = self._roles.get("day")
        if (
            not self.is_long
            or told
            or day is None
            or self._merged
            or self.answers.account
            or self._is_own_wide
        ):
            return None
        if (
            self._counts[0].platform
            or self.layout.title_unit > 1
            or self._unit(self._counts[0]) != 1
            or self._hidden_rows
        ):
            return None
        return day.place, self._counts[0].place, [column.place for column in self._naming()]

    def _naming(self) -> list[Column]:
        named = [self._roles[role] for role in ("actor", "platform", "account_id") if role in self._roles]
        return named + self._addresses

    def rows(self, record: Record) -> Iterator[Staged]:
        """Return the counts of one row."""
        if record.broken:
            yield Staged(record.line, kind="error", problem=f"row: {record.broken}")
            return
        if record.line < self.layout.first or (self._hidden_rows and covers(self._hidden_rows, record.line)):
            return
        cells = self._cells(record)
        try:
            self._leave_out_what_is_no_count(cells)
        except Stop as stop:
            yield Staged(record.line, kind=stop.kind, problem=str(stop))
            return
        if self.is_long:
            yield self._long(record.line, cells, len(record.cells))
        else:
            yield from self._wide(record.line, cells)

    def quick(self, record: Record) -> Staged | None:
        """Read a plain row: words that were met before, and digits. None: ask `rows`. Nearly all rows of a large file are plain."""
        if self._plain_places is None:
            return None
        day_place, count_place, naming = self._plain_places
        line, cells, _broken = record
        try:
            text = cells[count_place]
            account = self._who[tuple([cells[place] for place in naming])]
            day, span = self._days[cells[day_place], ""]  # type: ignore[misc]  # a refusal cannot be taken apart
        except (KeyError, IndexError, TypeError):
            return None
        if not text.isdecimal() or not text.isascii() or len(text) > 9 or not isinstance(account, int):
            return None
        return Staged(
            line, "", account, day, span, "counted", int(text), "=", self._precision, None, self.sources[""]
        )

    def _cells(self, record: Record) -> list[str]:
        """Return the cells without the space around them; what is merged speaks for each cell that it covers, but for counts."""
        cells = [cell.strip() for cell in record.cells] + [""] * (self._width - len(record.cells))
        for place, cell in enumerate(cells):
            if cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@"):
                cells[place] = cell[1:]  # as spreadsheets are told that this is text
        if self._merged is not None:
            self._remember_merged(record.line, cells)
        return cells

    def _remember_merged(self, line: int, cells: list[str]) -> None:
        count_places = {column.place for column in self._counts}
        for area in self._merged.get(line, ()):  # type: ignore[union-attr]  # asked for before
            first_row, first_column, _last_row, last_column = area
            texts = self._merged_texts
            if line == first_row:
                texts[first_row, first_column] = cells[first_column] if first_column < len(cells) else ""
            if last_column - first_column + 1 >= max(self.sheet.columns, 3):
                continue
            text = texts.get((first_row, first_column), "")
            covered = [place for place in range(first_column, last_column + 1) if place < len(cells)]
            many = sum(place in count_places for place in covered) > 1 or (
                area[2] > first_row and count_places & set(covered)
            )
            for place in covered:
                if place in count_places:
                    cells[place] = f"{_MANY}{text}" if many and text else cells[place]
                else:
                    cells[place] = cells[place] or text

    @property
    def _merged_texts(self) -> dict[tuple[int, int], str]:
        return self.__dict__.setdefault("_texts", {})  # type: ignore[no-any-return]  # of this sheet alone

    def _leave_out_what_is_no_count(self, cells: list[str]) -> None:
        """Totals, averages, headings, remarks and blank rows are no counts. Raises Stop for them."""
        filled = [(place, cell) for place, cell in enumerate(cells) if cell]
        if not filled:
            raise left("empty")
        counts = {column.place for column in self._counts}
        for place, cell in filled[:3]:
            if place not in counts and headings.is_total(cell):
                raise left("average" if headings.AVERAGE.match(cell.casefold()) else "total")
        if len(filled) == 1 and self._width > 2:
            place, cell = filled[0]
            names = self._roles.get("actor")
            if not (self._counts and place in counts) and not (
                names and place == names.place and not self.is_long and self.tracked.actors.find(cell)
            ):
                raise left("heading")
        if len(filled) > 2 and [cell for _place, cell in filled] == [
            str(number) for number in range(1, len(filled) + 1)
        ]:
            raise left("numbers")

    # A row with one count

    def _long(self, line: int, cells: list[str], width: int) -> Staged:
        column = self._counts[0]
        stops: list[Stop] = []

        def attempt(read: Callable[[], T]) -> T | None:
            try:
                return read()
            except Stop as stop:
                stops.append(stop)
                return None

        attempt(lambda: self._check_text(cells))
        if stops:
            return self._stopped(line, "", stops)
        value = attempt(lambda: self._value(cells, column, is_there=width > column.place))
        account = attempt(lambda: self._account(cells, column))
        when = attempt(lambda: self._when(cells, column, account))
        told = attempt(lambda: self._told(cells))
        if value is None or account is None or when is None or told is None:
            return self._stopped(line, "", stops)
        instant = attempt(lambda: self._instant(cells, *when))
        attempt(lambda: self._check_size(value, account))
        if stops:
            return self._stopped(line, "", stops)
        return Staged(
            line, "", account, when[0], when[1], value.state, value.followers, value.bound, value.precision, instant, told[0],
            told[1], told[2] or value.wording,
        )  # fmt: skip

    def _stopped(self, line: int, cell: str, stops: Sequence[Stop]) -> Staged:
        """What is no count needs no other answer; a mistake comes before a question."""
        for kind in ("left", "error", "asked"):
            of_kind = [stop for stop in stops if stop.kind == kind]
            if of_kind:
                return Staged(
                    line,
                    cell,
                    kind=kind,
                    problem="\n".join(dict.fromkeys(self._sentence(stop) for stop in of_kind)),
                )
        raise AssertionError("no reason")

    def _sentence(self, stop: Stop) -> str:
        column = self._roles.get(stop.column)
        name = column.name if column else stop.column
        return f"{name}: {stop}" if name else str(stop)

    # A row with a count in each of several columns

    def _wide(self, line: int, cells: list[str]) -> Iterator[Staged]:
        try:
            self._check_text(cells)
            told = self._told(cells)
        except Stop as stop:
            yield self._stopped(line, "", [stop])
            return
        for column in self._counts:
            text = cells[column.place]
            if not text:
                continue
            name = column.name[:LONGEST_COLUMN]
            try:
                value = self._value(cells, column)
                account = self._account(cells, column)
                day, span = self._when(cells, column, account)
                self._check_size(value, account)
            except Stop as stop:
                yield self._stopped(line, name, [stop])
                continue
            source, locator, note = told
            yield Staged(
                line, name, account, day, span, value.state, value.followers, value.bound, value.precision, None, source,
                locator, note or value.wording,
            )  # fmt: skip

    def _check_text(self, cells: list[str]) -> None:
        together = "".join(cells)
        if together.isascii() and together.isprintable() and len(together) < 1000:
            return
        if "\r" in together:
            cells[:] = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]
        note = self._roles.get("note")
        for column in self.layout.columns:
            if column.role in ("left", "change") or column.place >= len(cells):
                continue
            cell = read_cell(cells[column.place]).text.removeprefix(_MANY)
            if bad := NO_TEXT.search(cell):
                sentence = _("This holds a character that is not text (U+%(code)s).")
                raise wrong(column.name, sentence % {"code": f"{ord(bad[0]):04X}"})
            if len(cell) > LONGEST_CELL:
                raise wrong(column.name, _("This is too long."))
            if column is not note and ("\n" in cell or "\t" in cell):
                cells[column.place] = " ".join(cells[column.place].split())

    def _text(self, cells: Sequence[str], role: str) -> str:
        column = self._roles.get(role)
        return "" if column is None else read_cell(cells[column.place]).text

    # Whose

    def _account(self, cells: Sequence[str], column: Column) -> int:
        who = tuple([cells[one.place] for one in self._naming()])
        key = who if not (column.platform or column.actor) else (*who, column.platform, column.actor)
        account = self._who.get(key)
        if account is None:
            try:
                account = self._meant(cells, column)
            except Stop as stop:
                account = stop
                if stop.kind != "asked" and len(self._who) < MOST_REMEMBERED:
                    self._who[key] = stop
            else:
                if len(self._who) < MOST_REMEMBERED:
                    self._who[key] = account
        if isinstance(account, Stop):
            raise account
        return account

    def _meant(self, cells: Sequence[str], column: Column) -> int:
        """Return the account that a row names; name, platform and address must agree. Raises Stop."""
        platform = self._platform(self._text(cells, "platform"), column)
        target = self._target(cells, platform)
        if target and platform and target.platform != platform:
            raise wrong("address", _("The row names another platform than the address does."))
        platform = platform or (target.platform if target else "")
        name = column.actor or self._text(cells, "actor")
        if is_nothing(name):
            return self._without_name(cells, target, platform)
        actors = self._actors(name)
        account = self._of_target(target, actors, platform) if target else None
        if account is not None:
            return account
        if not platform:
            raise self._asked("platform")
        return self._of_actor(actors, platform, self._own_number(cells))

    def _platform(self, word: str, column: Column) -> str:
        if column.platform or is_nothing(word):
            return column.platform or self.answers.platform
        if word in self.answers.words:
            code = self.answers.words[word]
            if code is None:
                raise wrong("platform", str(NOT_A_PLATFORM["answered"]) % {"seen": shown(word)})
            return code
        try:
            return read_platform(word)
        except NotAPlatform as refused:
            if refused.code == "question":
                raise self._asked("word", word, likely=list(refused.likely)) from None
            raise wrong("platform", str(NOT_A_PLATFORM[refused.code]) % {"seen": shown(word)}) from None

    def _target(self, cells: Sequence[str], platform: str) -> Target | None:
        """Return the account that the row's address or handle names; an address decides before a handle."""
        texts = [(column, read_cell(cells[column.place]).text) for column in self._addresses]
        texts = [(column, text) for column, text in texts if not is_nothing(text)]
        texts.sort(key=lambda pair: (not is_address(pair[1]), pair[0].role != "address"))
        for column, text in texts:
            of_platform = column.platform or platform
            if column.role == "platform_id" and of_platform:
                return Target(of_platform, platform_id=text)
            is_bare = not is_address(text)
            try:
                return read_account(
                    text, of_platform if is_bare or not platform else "", self.tracked.servers
                )
            except NotALink as refused:
                if is_bare and not of_platform:
                    continue  # a name alone says nothing without its platform
                raise wrong(column.name, not_a_link(refused)) from None
        return None

    def _of_target(self, target: Target, actors: Collection[int], platform: str) -> int:
        account = self.tracked.of_target(target)
        if account is None:
            account = self._by_old_handle(target, actors)
        if account is not None:
            if self.tracked.owners[account] not in actors:
                owner = self.tracked.names.get(self.tracked.owners[account], "")
                raise wrong(
                    "address", _("The address is of %(owner)s, the name is another's.") % {"owner": owner}
                )
            return account
        if any(self.tracked.accounts.get((actor, platform)) for actor in actors):
            raise wrong(
                "address",
                _(
                    "The actor's account there has another address, or none yet. Is this its address? Add it first."
                ),
            )
        raise wrong("address", _("This account is not tracked. Add it first."))

    def _by_old_handle(self, target: Target, actors: Collection[int]) -> int | None:
        held = [
            account
            for actor in actors
            for account in self.tracked.accounts.get((actor, target.platform), ())
            if target.handle and target.handle.lower() in self.tracked.handles.get(account, ())
        ]
        return held[0] if len(held) == 1 else None

    def _without_name(self, cells: Sequence[str], target: Target | None, platform: str) -> int:
        if target:
            account = self.tracked.of_target(target)
            if account is None:
                raise wrong("address", _("This account is not tracked. Add it first."))
            return account
        if self.answers.account:
            return self._of_answer(platform)
        own = self._own_number(cells)
        if own in self.tracked.owners and own is not None and not self._roles.get("actor"):
            return own
        if self.layout.names_somebody:
            raise wrong("actor", _("Whose count is this? The cell is empty."))
        raise self._asked("account")

    def _of_answer(self, platform: str) -> int:
        slug, _space, code = self.answers.account.partition(" ")
        if slug.isdecimal() and int(slug) in self.tracked.owners:
            return int(slug)
        actor = self.tracked.slugs.get(slug)
        if actor is None:
            raise self._asked("account")
        return self._of_actor([actor], platform or code or self.answers.platform, None)

    def _own_number(self, cells: Sequence[str]) -> int | None:
        text = self._text(cells, "account_id")
        return int(text) if text.isdecimal() and len(text) < 19 else None

    def _actors(self, name: str) -> Collection[int]:
        if name in self.answers.aliases:
            slug = self.answers.aliases[name]
            if slug is None:
                raise left("answered")
            actor = self.tracked.slugs.get(slug)
            if actor is None:
                raise self._asked("actor", name)
            return [actor]
        if kind_of(name) in ("number", "fraction", "email"):
            raise wrong("actor", _("“%(seen)s” is not a name.") % {"seen": shown(name)})
        actors = self.tracked.actors.find(name) or (
            [self.tracked.slugs[name]] if name in self.tracked.slugs else []
        )
        if len(actors) == 1:
            return actors
        likely = actors or self.tracked.actors.likely(name)
        raise self._asked(
            "actor",
            name,
            likely=[self.tracked.names[actor] for actor in likely if actor in self.tracked.names],
        )

    def _of_actor(self, actors: Collection[int], platform: str, own: int | None) -> int:
        if not platform:
            raise self._asked("platform")
        accounts = [
            account for actor in actors for account in self.tracked.accounts.get((actor, platform), ())
        ]
        if len(accounts) > 1:
            accounts = [account for account in accounts if account == own] or accounts
        if not accounts:
            raise wrong("platform", _("The actor has no such account. Add it first."))
        if len(accounts) > 1:
            raise wrong(
                "platform", _("The actor has several accounts there; name one by its handle or address.")
            )
        return accounts[0]

    def _asked(
        self, kind: str, value: str = "", *, example: str = "", likely: list[str] | None = None
    ) -> Stop:
        self.questions.ask(kind, value, example=example or value, likely=likely)
        column = {"actor": "actor", "word": "platform"}.get(kind, "")
        return Stop("asked", str(ASKED[kind]) % {"seen": shown(example or value)}, column)

    # When

    def _when(self, cells: Sequence[str], column: Column, account: int | None = None) -> tuple[date, int]:
        day_column = self._roles.get("day")
        text = column.when or (cells[day_column.place] if day_column else "")
        key = (text, self._text(cells, "span") if not column.when else "")
        when = self._days.get(key)
        if when is None:
            try:
                when = self._read_when(*key, column.name if column.when else "day")
            except Stop as stop:
                if stop.kind == "asked":
                    raise
                when = stop
            if len(self._days) < MOST_REMEMBERED:
                self._days[key] = when
        if isinstance(when, Stop):
            raise when
        return (
            self._with_lost_span(*when, account)
            if self._is_own_wide and when[0].day == 1 and when[1] == DAY
            else when
        )

    def _read_when(self, text: str, span_word: str, name: str) -> tuple[date, int]:
        if is_nothing(text):
            if self._roles.get("day") and not self.answers.day:
                raise wrong("day", str(NOT_A_DATE["empty"]))
            return self._of_whole_table()
        when = self._date(text, name)
        if when.day > self.today:
            raise wrong(name, str(NOT_A_DATE["future"]))
        if not span_word:
            return when.day, when.span
        span = SPANS.get(span_word.casefold())
        if span is None:
            raise wrong(
                "span",
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(span_word), "choices": ", ".join(SPANS)},
            )
        first = when.day.replace(month=1, day=1) if span == 1 else when.day.replace(day=1)
        if when.span != DAY or (span != DAY and when.day != first):
            raise wrong(
                "day", _("Write the first day of the span: 2017-01-01 for a year, 2017-06-01 for a month.")
            )
        return when.day, span

    def _date(self, text: str, name: str) -> When:
        cell = read_cell(text)
        rules = self._rules
        if cell.kind == "date":
            span = shown_span(cell.format) or DAY
            text = cell.text[: {1: 4, 2: 7, 3: 10}[span]]
        elif cell.kind == "number":
            text = cell.text
        try:
            return read_when(text, rules)
        except DateQuestion as question:
            raise self._asked(question.code, "", example=shown(text), likely=[question.likely]) from None
        except NotADate as refused:
            if refused.code == "no_year" and not rules.year and re.search(r"[^\W\d_]{3}", text):
                likely = "sheet" if re.fullmatch(r"(?:19|20)\d\d", self.layout.sheet_name.strip()) else ""
                raise self._asked(
                    "year", "", example=shown(text), likely=[likely] if likely else []
                ) from None
            raise wrong(name, str(NOT_A_DATE[refused.code]) % {"seen": shown(text)}) from None

    def _of_whole_table(self) -> tuple[date, int]:
        if not self.answers.day:
            raise self._asked("day", likely=[self.layout.title_day] if self.layout.title_day else [])
        when = read_when(self.answers.day, DateRules())
        if when.day > self.today:
            raise wrong("day", str(NOT_A_DATE["future"]))
        return when.day, when.span

    def _with_lost_span(self, day: date, span: int, account: int | None) -> tuple[date, int]:
        """In our chart's file a year and its first day look alike: what stands decides, else a person."""
        chosen = self.answers.span.get(day.isoformat())
        if chosen == "leave":
            raise left("answered")
        if chosen:
            return (day.replace(month=1) if chosen == "year" else day), SPANS[chosen]
        wider = self.tracked.spans.get((account, day)) if account else None
        if wider:
            return day, wider
        raise self._asked(
            "span", day.isoformat(), likely=["day", "month", *(["year"] if day.month == 1 else [])]
        )

    def _instant(self, cells: Sequence[str], day: date, span: int) -> datetime | None:
        text = self._text(cells, "observed_at")
        if is_nothing(text):
            return None
        instant = read_instant(text)
        if instant is None:
            raise wrong("observed_at", _("Write the instant with its offset: 2026-01-31T18:05:00Z."))
        if span != DAY or instant.astimezone(ALMATY).date() != day:
            raise wrong("observed_at", _("This instant is not on that day in Almaty."))
        return instant

    # How many

    def _value(self, cells: Sequence[str], column: Column, *, is_there: bool = True) -> Value:
        raw = cells[column.place]
        state_word = self._text(cells, "state")
        bound = self._one_of(cells, "bound", BOUNDS)
        precision = self._one_of(cells, "precision", PRECISIONS)
        state = self._state(state_word)
        if state != "counted":
            if raw and not is_nothing(raw):
                raise wrong(column.name, _("Only a row whose state is “counted” has a number."))
            if bound not in ("", "="):
                raise wrong("bound", _("Only a row whose state is “counted” has a bound."))
            return Value(state, None, "=", precision or "printed")
        if not raw and not is_there:
            raise wrong(column.name, _("The row has no count."))
        value = self._count(raw, column)
        if bound or precision:
            return value._replace(bound=bound or value.bound, precision=precision or value.precision)
        return value

    def _state(self, word: str) -> str:
        if is_nothing(word):
            return "counted"
        plain = word.casefold()
        state = plain if plain in STATES else _LABELS.get(plain) or state_of(word)
        if not state:
            raise wrong(
                "state",
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(word), "choices": ", ".join(STATES)},
            )
        return state

    def _count(self, raw: str, column: Column) -> Value:
        if raw.startswith(_MANY):
            raise wrong(column.name, _("One number over several cells: of which is it?"))
        cell = read_cell(raw)
        unit = self._unit(column)
        if cell.kind:
            return self._typed(cell.kind, cell.text, cell.format, column, unit)
        text = cell.text
        if text.isascii() and text.isdecimal() and unit == 1 and len(text) < 12:
            return Value("counted", int(text), precision=self._precision)
        if is_nothing(text):
            raise left("nothing" if text else "empty", text)
        state = state_of(text)
        if state:
            return Value(state, None)
        return self._written(text, column, unit)

    def _written(self, text: str, column: Column, unit: int) -> Value:
        decimal = self.answers.decimal or self.layout.decimal or ("group" if unit == 1 else "ask")
        mark = {"decimal": "decimal", "ask": "ask"}.get(decimal, "group")
        if unit != 1 and mark == "group" and self.answers.decimal != "group":
            mark = "ask"
        try:
            if unit != 1 and self.answers.decimal == "group" and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
                text = re.sub(r"[.,]", "", text)
            count = read_count(text, unit=unit, lone_mark=mark)  # type: ignore[arg-type]  # one of the three
        except NotACount as refused:
            if refused.code == "mark" and mark == "ask":
                raise self._asked("decimal", "", example=text) from None
            raise wrong(column.name, not_a_count(refused)) from None
        precision = self._precision if count.precision == "exact" else count.precision
        is_plain = count.bound == "=" and count.precision == "exact"
        return Value(
            "counted",
            count.followers,
            count.bound,
            precision,
            "" if is_plain and text[-1:].isdecimal() else text,
        )

    def _typed(self, kind: str, text: str, code: str, column: Column, unit: int) -> Value:
        """Read a cell of a workbook by its value and its format: a unit in the format counts, a thousands mark cannot be."""
        sentences = {
            "percent": _("This is a percentage, not a count."),
            "date": _("This cell is a date, not a count."),
            "bool": _("This cell is true or false, not a count."),
            "error": _("An error of the spreadsheet stands here."),
        }
        if kind != "number":
            raise wrong(column.name, sentences[kind])
        own, is_shown = _unit_of_format(code)
        factor = own if is_shown else unit
        followers = Decimal(text) * factor
        if followers < 0:
            raise wrong(column.name, not_a_count(NotACount("negative", text)))
        if factor == 1:
            if followers != followers.to_integral_value():
                raise wrong(column.name, not_a_count(NotACount("fraction", text)))
            return self._checked(Value("counted", int(followers), precision=self._precision), column)
        step = Decimal(10) ** -_places(code) * factor if is_shown else Decimal(1)
        rounded = int((followers / step).to_integral_value() * step)
        return self._checked(
            Value("counted", rounded, "=", "abbrev", f"{text} x {factor:,}".replace(",", " ")), column
        )

    def _checked(self, value: Value, column: Column) -> Value:
        if value.followers is not None and value.followers > MOST:
            raise wrong(column.name, not_a_count(NotACount("large", str(value.followers))))
        return value

    def _unit(self, column: Column) -> int:
        units = self.answers.unit
        chosen = units.get(column.name)
        if chosen:
            return chosen
        if column.unit > 1:
            return column.unit
        if self.layout.title_unit > 1 and "*" not in units:
            raise self._asked(
                "unit",
                "*",
                example=" ".join(text for _line, text in self.layout.titles),
                likely=[str(self.layout.title_unit)],
            )
        return units.get("*", 1)

    def _check_size(self, value: Value, account: int) -> None:
        platform = self.tracked.platforms.get(account, "")
        if value.followers is not None and value.followers > MOST_USERS.get(platform, MOST):
            raise wrong(
                "followers",
                _("More than the platform has users: %(count)s.")
                % {"count": f"{value.followers:,}".replace(",", " ")},
            )

    # What else a row tells

    def _one_of(self, cells: Sequence[str], role: str, known: Collection[str]) -> str:
        text = self._text(cells, role)
        if text and text not in known:
            raise wrong(
                role,
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(text), "choices": ", ".join(known)},
            )
        return text

    def _told(self, cells: Sequence[str]) -> tuple[int | None, str, str]:
        key, locator, note = (self._text(cells, role) for role in ("source", "locator", "note"))
        if key not in self.sources:
            raise wrong("source", _("There is no source with the key “%(key)s”.") % {"key": shown(key)})
        if len(locator) > LONGEST_LOCATOR:
            raise wrong("locator", _("This is too long."))
        for role, text in (("locator", locator), ("note", note)):
            if text.startswith("="):
                raise wrong(role, _("This looks like a formula of a spreadsheet; write plain text."))
        return self.sources[key], locator, note


_MANY: Final = "\x02"  # before a count that is merged over several
_LABELS: dict[str, str] = {}  # labels of states in each language -> state


def know_labels(labels: Mapping[str, str]) -> None:
    """Remember the words that pages use for the states, so that our own tables come back."""
    _LABELS.update(labels)


def _by_row(merged: Sequence[Sequence[int]]) -> dict[int, list[Sequence[int]]] | None:
    if not merged:
        return None
    areas: dict[int, list[Sequence[int]]] = defaultdict(list)
    for area in merged:
        for row in range(area[0], min(area[2], area[0] + 10_000) + 1):
            areas[row].append(area)
    return areas


def _unit_of_format(code: str) -> tuple[int | Decimal, bool]:
    """Return what a number format multiplies by, and whether it says so: 0.0" тыс." is a thousand; #,##0," тыс." is one."""
    positive = code.split(";")[0]
    words = " ".join(
        re.findall(r'"([^"]*)"|\\(\w)', positive)
        and [a or b for a, b in re.findall(r'"([^"]*)"|\\(\w)', positive)]
    )
    unit = UNIT.get(words.strip(" .").casefold().split(" ")[0].strip("."), 1) if words.strip() else 1
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", positive)
    scale = re.search(r"[0#](,+)(?![0#,])", bare)
    divisor = 1000 ** len(scale[1]) if scale else 1
    if unit == 1 and divisor == 1:
        return 1, False
    if unit == 1:
        return 1, True  # shown in thousands without a word: the cell holds the number itself
    return (unit // divisor if unit >= divisor else Decimal(unit) / divisor), True


def _places(code: str) -> int:
    match = re.search(r"\.([0#]+)", code.split(";")[0])
    return len(match[1]) if match else 0


def not_a_count(refused: NotACount) -> str:
    """Say why a text is no count."""
    return str(NOT_A_COUNT[refused.code]) % {"seen": shown(refused.seen)}


def not_a_link(refused: NotALink) -> str:
    """Say why a text names no account."""
    if refused.code in NOT_A_LINK:
        return str(NOT_A_LINK[refused.code]) % {"seen": shown(refused.seen)}
    return str(NOT_AN_ACCOUNT[refused.code]) % {"seen": shown(refused.seen)}  # type: ignore[index]  # a Refusal
