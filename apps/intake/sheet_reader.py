"""One sheet while its rows are read: what the layout says, what a person has answered, and why a cell is stopped at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.collectors.numbers import NotACount
from apps.common.grids import Sheet, read_cell
from apps.common.tables import shown
from apps.intake.answers import Answers, Questions
from apps.intake.dates import When
from apps.intake.layout import Column, Layout
from apps.intake.links import NotALink
from apps.intake.names import ActorIndex
from apps.intake.plans import Planned
from apps.intake.platform_words import platform_or_none
from apps.intake.words import ASKED, LEFT, NOT_A_LINK
from apps.registry.addressed import ByAddress
from apps.registry.words import NOT_AN_ACCOUNT
from apps.snapshots.words import NOT_A_COUNT

MOST_REMEMBERED: Final = 200_000
MANY: Final = "\x02"  # before a count that is merged over several cells


class Stop(ValueError):
    """Why nothing is recorded of a cell. `kind`: error, left, asked; `column` is a role, or a heading of the table."""

    def __init__(self, kind: str, sentence: str | Promise, column: str = "") -> None:
        super().__init__(str(sentence))
        self.kind, self.column = kind, column


def wrong(column: str, sentence: str | Promise) -> Stop:
    """Return a mistake that a person must mend."""
    return Stop("error", sentence, column)


def nothing_to_record(code: str, seen: str = "") -> Stop:
    """Return why a cell or row holds nothing to record."""
    return Stop("left", str(LEFT[code]) % {"seen": shown(seen)})


def not_a_count(refused: NotACount) -> str:
    """Say why a text is no count."""
    return str(NOT_A_COUNT[refused.code]) % {"seen": shown(refused.seen)}


def not_a_link(refused: NotALink) -> str:
    """Say why a text names no account."""
    if refused.code in NOT_A_LINK:
        return str(NOT_A_LINK[refused.code]) % {"seen": shown(refused.seen)}
    return str(NOT_AN_ACCOUNT[refused.code]) % {"seen": shown(refused.seen)}  # type: ignore[index]  # a Refusal


@dataclass(frozen=True)
class Tracked:
    """All actors and accounts, as a row may name them."""

    actors: ActorIndex
    slugs: Mapping[str, int]  # slug, also an old one -> actor
    owners: Mapping[int, int]  # account -> actor
    accounts: Mapping[tuple[int, str], Sequence[int]]  # (actor, platform) -> accounts
    platforms: Mapping[int, str]  # account -> platform
    handles: Mapping[int, Collection[str]]  # account -> its handles, old and new, in small letters
    by_address: ByAddress[int]  # -> account
    servers: Collection[str] = ()  # of Mastodon
    names: Mapping[int, str] = field(default_factory=dict)  # actor -> slug
    spans: Mapping[tuple[int, date], int] = field(
        default_factory=dict
    )  # (account, first day) -> month or year that stands
    bounds: Mapping[tuple[int, date, int, int], str] = field(
        default_factory=dict
    )  # (account, day, span, followers) -> the bound with which it stands, where it has one


@dataclass
class SheetReader:
    """What reading one sheet needs. Whom and when the same words mean is looked up once."""

    layout: Layout
    sheet: Sheet
    tracked: Tracked
    answers: Answers
    questions: Questions
    sources: Mapping[str, int | None]  # key -> source; "" is that of the rows that name none
    today: date
    is_exact: bool = False  # the numbers are a platform's own statistics
    planned: Planned = field(default_factory=Planned)  # whom a person calls new
    _who: dict[tuple[str, ...], int | Stop] = field(default_factory=dict)
    _platform_above: str = ""  # a row that holds a platform's name alone begins the rows of that platform
    _day_above: When | None = None  # a row that holds nothing but a date begins the rows of that day
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
        if self.layout.sheet_name.strip().casefold() not in ("ok", "x", "ок", "х"):  # too short to be sure
            self._platform_above = platform_or_none(self.layout.sheet_name)
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
        self._metric = next((column for column in self.layout.columns if column.why == "metric"), None)
        if self._metric:
            self._width = max(self._width, self._metric.place + 1)
        self._is_own_wide = self._reads_own_wide()

    def _reads_own_wide(self) -> bool:
        """Tell whether it is our chart's wide file, which has a day and names, and has lost its spans."""
        day = self._roles.get("day")
        return bool(
            day
            and day.name.casefold() == "day"
            and any(column.actor for column in self._counts)
            and "span" not in self._roles
        )

    def _name_columns(self) -> list[Column]:
        named = [self._roles[role] for role in ("actor", "platform", "account_id") if role in self._roles]
        return named + self._addresses

    def _text(self, cells: Sequence[str], role: str) -> str:
        column = self._roles.get(role)
        return "" if column is None else read_cell(cells[column.place]).text

    def _one_of(self, cells: Sequence[str], role: str, known: Collection[str]) -> str:
        text = self._text(cells, role)
        if text and text not in known:
            raise wrong(
                role,
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(text), "choices": ", ".join(known)},
            )
        return text

    def _ask(self, kind: str, value: str = "", *, example: str = "", likely: list[str] | None = None) -> Stop:
        self.questions.ask(kind, value, example=example or value, likely=likely)
        column = {"actor": "actor", "word": "platform"}.get(kind, "")
        return Stop("asked", str(ASKED[kind]) % {"seen": shown(example or value)}, column)
