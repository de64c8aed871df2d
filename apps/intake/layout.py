"""The layout of a table: the role of each column, which rows are its heading. Shown, and can be changed, before anything is read."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from apps.intake.headings import ONE_OF


@dataclass
class Column:
    """One column. `when` is the heading's date as it is written, where the column is of one day, month or year."""

    place: int
    name: str
    role: str
    confidence: int = 0  # per cent
    platform: str = ""
    when: str = ""
    actor: str = ""  # whose counts these are, where the heading names an actor
    unit: int = 1
    why: str = ""  # of a column that is left out
    hidden: bool = False

    @property
    def is_count(self) -> bool:
        return self.role == "followers"


@dataclass
class Layout:
    """The reading of one sheet."""

    sheet: int = 0
    sheet_name: str = ""
    sheet_state: str = "visible"
    first: int = 1  # the line of the first row with data
    header: list[int] = field(default_factory=list)  # lines
    columns: list[Column] = field(default_factory=list)
    titles: list[tuple[int, str]] = field(default_factory=list)
    title_unit: int = 1
    title_day: str = ""  # the day that a title names, ISO; of a period its last
    changes: str = ""  # the name of the column that holds changes where a total was to be expected
    decimal: str = ""  # ask: 1.234 in a column of fractions | decimal | "" thousands
    day_order: str = ""  # dmy or mdy where a row can only be that
    order_line: int = 0  # the row that says so
    hidden_rows: int = 0
    rows: int = 0  # as many as the sheet is known to have; 0 where nobody has counted

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Layout":
        columns = [Column(**column) for column in saved["columns"]]
        titles = [(line, text) for line, text in saved["titles"]]
        return cls(**{**saved, "columns": columns, "titles": titles})

    def of(self, role: str) -> Column | None:
        """Return the one column of this role."""
        return next((column for column in self.columns if column.role == role), None)

    @property
    def counts(self) -> list[Column]:
        return [column for column in self.columns if column.is_count]

    @property
    def names_somebody(self) -> bool:
        return any(
            column.role in ("actor", "address", "handle", "account_id") or column.actor
            for column in self.columns
        )

    @property
    def is_table(self) -> bool:
        """Tell whether anything in it can be recorded."""
        return bool(self.counts) or any(column.role in ("address", "handle") for column in self.columns)


def with_roles(layout: Layout, roles: dict[str, str]) -> Layout:
    """Return the layout with the roles that a person has given to columns, by name or place.

    A role is one of `headings.ROLES`, or "address:PLATFORM", "followers:PLATFORM", "followers@DATE".
    """
    columns = []
    for column in layout.columns:
        chosen = roles.get(column.name) or roles.get(str(column.place))
        if not chosen:
            columns.append(column)
            continue
        role, _, platform = chosen.partition(":")
        role, _, when = role.partition("@")
        columns.append(
            replace(column, role=role, confidence=100, why="chosen" if role == "left" else "",
                    platform=platform or column.platform, when=when or (column.when if role == "followers" else ""),
                    actor=column.actor if role == "followers" else "")
        )  # fmt: skip
    chosen_places = {column.place for column in columns if column.confidence == 100}
    for column in columns:
        rivals = [other for other in columns if other.role == column.role and other.place in chosen_places]
        if column.role in ONE_OF and rivals and column.place not in chosen_places:
            column.role, column.why = "left", "second"
    plain = [
        column
        for column in columns
        if column.is_count and column.place in chosen_places and not column.when and not column.actor
    ]
    for column in columns:
        if (
            plain
            and column.is_count
            and column.place not in chosen_places
            and not column.when
            and column.platform in {one.platform for one in plain}
        ):
            column.role, column.why = "left", "second"
    return replace(layout, columns=columns, changes="" if plain else layout.changes)
