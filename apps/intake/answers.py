"""Questions about a table, and a person's answers to them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from apps.collectors.platforms import PLATFORMS
from apps.intake.dates import DateRules, NotADate, read_when
from apps.registry.models import ActorKind

# In the order in which they are asked.
QUESTIONS: Final = (
    "sheet", "account", "platform", "day", "year", "unit", "decimal", "day_order", "short_years", "serials", "span", "fill", "actor", "word", "kind", "group",
)  # fmt: skip
NEW: Final = "+"  # the answer that a name is of somebody, or of a group, that is not there yet
_CHOICES: Final = {
    "day_order": ("dmy", "mdy"),
    "short_years": ("20yy", "day"),
    "serials": ("1900", "1904"),
    "decimal": ("group", "decimal"),
    "hidden": ("leave", "read"),
    "fill": ("down", "leave"),
}
SPANS: Final = ("day", "month", "year", "leave")


class BadAnswer(ValueError):
    """An answer that answers nothing; `name` says which."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(f"{name}: {value!r}")
        self.name = name


@dataclass
class Answers:
    """ "" and empty: not answered. Names, words and columns are keys as the table writes them."""

    platform: str = ""
    account: str = ""  # of the whole table: "slug platform", or our number of the account
    day: str = ""  # of the whole table: 2018-12-01, 2018-12 or 2018
    year: str = ""  # of dates that name none; "sheet": each sheet's name
    day_order: str = ""
    short_years: str = ""
    serials: str = ""
    decimal: str = ""
    hidden: str = ""  # leave | read: rows and columns that are hidden
    fill: str = ""  # down | leave: what an empty cell under a name or platform means
    unit: dict[str, int] = field(
        default_factory=dict
    )  # column -> factor; "*" all without a unit of their own
    columns: dict[str, str] = field(default_factory=dict)  # column -> role
    sheets: list[str] = field(default_factory=list)
    span: dict[str, str] = field(default_factory=dict)  # first day -> day, month, year, leave
    aliases: dict[str, str | None] = field(default_factory=dict)  # name -> slug; NEW; None: leave out
    words: dict[str, str | None] = field(default_factory=dict)  # word -> platform; None: no platform
    groups: dict[str, str | None] = field(default_factory=dict)  # title -> slug; NEW; None: no group
    kinds: dict[str, str | None] = field(default_factory=dict)  # word -> kind of actor; None: as in the list
    accept: list[str] = field(default_factory=list)  # places of doubtful counts that are right; "*" all

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Answers":
        """Check answers that came from outside. Raises BadAnswer."""
        known = {one.name: one for one in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise BadAnswer(name, value)
            wanted = type(getattr(cls(), name))
            if not isinstance(value, wanted):
                raise BadAnswer(name, value)
            if name in _CHOICES and value not in ("", *_CHOICES[name]):
                raise BadAnswer(name, value)
        answers = cls(**given)
        answers._check()
        return answers

    def _check(self) -> None:
        if self.platform and self.platform not in PLATFORMS:
            raise BadAnswer("platform", self.platform)
        if self.day:
            try:
                read_when(self.day)
            except NotADate:
                raise BadAnswer("day", self.day) from None
        if (
            self.year
            and self.year != "sheet"
            and not (self.year.isdecimal() and 1990 <= int(self.year) <= 2100)
        ):
            raise BadAnswer("year", self.year)
        for name, factor in self.unit.items():
            if factor not in (1, 1000, 1_000_000):
                raise BadAnswer("unit", name)
        for name, code in self.words.items():
            if code is not None and code not in PLATFORMS:
                raise BadAnswer("words", name)
        for name, slug in (*self.aliases.items(), *self.groups.items()):
            if slug is not None and not isinstance(slug, str):
                raise BadAnswer("aliases", name)
        for word, kind in self.kinds.items():
            if kind is not None and kind not in ActorKind.values:
                raise BadAnswer("kinds", word)
        for day, span in self.span.items():
            if span not in SPANS:
                raise BadAnswer("span", day)

    def as_json(self) -> dict[str, Any]:
        """Return the answers that were given, for keeping."""
        return {name: value for name, value in asdict(self).items() if value}

    def rules(self, *, day_order: str = "", sheet_name: str = "") -> DateRules:
        """Return how dates are read; what the table itself shows counts where nobody has answered."""
        year = sheet_name.strip() if self.year == "sheet" else self.year
        return DateRules(
            self.day_order or day_order,
            self.short_years,
            self.serials,
            int(year) if year.isdecimal() and len(year) == 4 else 0,
        )


def read_answers(path: Path) -> Answers:
    """Return the answers that a JSON file holds. Raises ValueError with the reason."""
    try:
        return Answers.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None


@dataclass
class Question:
    """Something that a person must say once. `likely` are the answers to offer, the likeliest first."""

    kind: str  # one of QUESTIONS
    value: str = ""  # the name, word, column or day that is asked about
    rows: int = 0
    example: str = ""
    likely: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Questions:
    """Gathers what is asked, each once, with its number of rows."""

    MOST = 2000

    def __init__(self) -> None:
        self._ask: dict[tuple[str, str], Question] = {}

    def ask(self, kind: str, value: str = "", *, example: str = "", likely: list[str] | None = None) -> None:
        question = self._ask.get((kind, value))
        if question is None:
            if len(self._ask) >= self.MOST:
                return
            question = self._ask[kind, value] = Question(kind, value, 0, example[:200], likely or [])
        question.rows += 1

    def all(self) -> list[Question]:
        """Return the questions in the order in which they are asked, those of most rows first."""
        return sorted(
            self._ask.values(),
            key=lambda question: (QUESTIONS.index(question.kind), -question.rows, question.value),
        )
