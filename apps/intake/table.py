"""A kept file as a whole: how each sheet is read, which are read, and the counts that come out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from apps.common.grids import Kept, NoTable
from apps.intake.answers import Answers, Questions
from apps.intake.column_roles import NameIsKnown
from apps.intake.layout import Layout, with_roles
from apps.intake.plans import Planned
from apps.intake.recognition import recognise
from apps.intake.rows import CountReader, Staged
from apps.intake.sheet_reader import Stop, Tracked

MOST_SHEETS = 60  # sheets that are looked at


@dataclass(frozen=True)
class Table:
    """A file with the reading of its sheets, and what a person has said."""

    kept: Kept
    encoding: str
    layouts: Sequence[Layout]
    answers: Answers

    def chosen(self, questions: Questions) -> list[Layout]:
        """Return the sheets that are read: the only visible table, or those that were named. Asks where several may be meant."""
        if self.answers.sheets:
            wanted = {name.strip().casefold() for name in self.answers.sheets}
            return [
                layout
                for layout in self.layouts
                if layout.sheet_name.strip().casefold() in wanted or str(layout.sheet) in wanted
            ]
        visible = [layout for layout in self.layouts if layout.sheet_state == "visible" and layout.is_table]
        if len(visible) > 1:
            questions.ask("sheet", likely=[layout.sheet_name for layout in visible])
            return []
        return visible

    def refusal(self) -> str:
        """Say why there is nothing in the file that can be recorded as counts; "" where there is."""
        visible = [layout for layout in self.layouts if layout.sheet_state == "visible"] or list(self.layouts)
        if any(layout.counts for layout in visible) or self.answers.sheets:
            return ""
        changes = next((layout.changes for layout in visible if layout.changes), "")
        if changes:
            return _(
                "The column “%(name)s” holds changes: what was gained or lost, not how many follow. Nothing of this file is a count. If "
                "it does hold totals, give it the role “followers”."
            ) % {"name": changes}
        if all(not layout.columns for layout in visible):
            return _("The file has no rows.")
        names = [
            column.name or str(column.place + 1)
            for layout in visible
            for column in layout.columns
            if column.role == "left"
        ]
        return _("No column holds counts of followers. Say which one does. Not read: %(names)s.") % {
            "names": ", ".join(names[:20]) or "-"
        }


def look(
    kept: Kept,
    answers: Answers,
    *,
    encoding: str = "",
    knows: NameIsKnown = lambda _name: False,
    today: date | None = None,
) -> Table:
    """Recognise every sheet, with the roles that a person has given. Raises NoTable where a row cannot be taken apart."""
    layouts = []
    for number, sheet in enumerate(kept.sheets[:MOST_SHEETS]):
        records = kept.records(number, encoding)
        layout = recognise(records, sheet, number, knows=knows, today=today)
        layouts.append(with_roles(layout, answers.columns))
    if all(not layout.columns for layout in layouts):
        first = next(kept.records(0, encoding), None)
        if first is not None and first.broken:
            raise NoTable(first.broken)
        raise NoTable(_("The file has no rows."))
    return Table(kept, encoding or kept.encoding, layouts, answers)


def read_counts(
    table: Table,
    tracked: Tracked,
    sources: Mapping[str, int | None],
    questions: Questions,
    today: date,
    *,
    is_exact: bool = False,
    planned: Planned | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Staged]:
    """Yield what every row of the chosen sheets says, in the file's order; `planned` gathers whom a person calls new."""
    planned = planned or Planned()
    layouts = table.chosen(questions)
    for layout in layouts:
        sheet = table.kept.sheets[layout.sheet]
        reader = CountReader(
            layout, sheet, tracked, table.answers, questions, sources, today, is_exact, planned
        )
        in_sheet = f"{layout.sheet_name}!" if len(layouts) > 1 else ""
        for record in table.kept.records(layout.sheet, table.encoding, progress):
            plain = reader.quick(record)
            for staged in (plain,) if plain else reader.rows(record):
                yield staged._replace(cell=f"{in_sheet}{staged.cell}"[:80]) if in_sheet else staged


__all__ = ["NoTable", "Stop", "Table", "look", "read_counts"]
