"""Metadata of a file: its contents, the rules behind it, how to cite it, and the licence of each source."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, override

from apps.common import reading
from apps.exports import dictionary
from apps.exports.citation import Citation
from apps.exports.columns import Column, ColumnKind
from apps.exports.statements import Statement
from apps.exports.trend import time_text
from apps.registry.models import Source
from apps.snapshots import terms
from apps.standings.types import Reading

LANGUAGES = [code for code, _name in settings.LANGUAGES]
ASKED_UP_TO = 200_000  # rows; in larger files nobody waits for their sources to be sought
TITLES = {
    "snapshots": gettext_lazy("All records"),
    "standings": gettext_lazy("Standings"),
    "trend": gettext_lazy("Lines of a chart"),
    "indicators": gettext_lazy("Figures about the country"),
}
RULES = (
    gettext_lazy(
        "A number is what its source said of its day; days on which nothing was recorded have no row."
    ),
    gettext_lazy("An empty cell means that there is no value; it never stands for 0."),
    gettext_lazy(
        "A day is the calendar day in Almaty. A count of a whole month or year has its first day, and span says so."
    ),
    gettext_lazy("Rounded counts say so in precision, and counts such as “more than” in bound."),
)
WIDE_RULES = (
    gettext_lazy(
        "A cell is a count as its source gives it for that time; times of which nothing was recorded have no row."
    ),
    gettext_lazy(
        "An empty cell means that there is no number, or that only a bound is known, such as “more than 10,000”; it never stands for 0."
    ),
    gettext_lazy("A day is the calendar day in Almaty; 2022-06 is a whole month and 2022 a whole year."),
    gettext_lazy(
        "Some counts are rounded by their source; the long layout says which, and details=1 puts bound and precision beside each number."
    ),
)
LICENCE = gettext_lazy(
    "KZMedia sets no terms of its own on the numbers and asks to be named together with their source. "
    "A source may have terms: every row names its source, and here is what each one states."
)
NO_LICENCE = gettext_lazy("states none")
FIELD_TYPES = {
    ColumnKind.TEXT: "string", ColumnKind.INTEGER: "integer", ColumnKind.DECIMAL: "number", ColumnKind.BOOLEAN: "boolean",
    ColumnKind.TIME: "string", ColumnKind.DAY: "date", ColumnKind.INSTANT: "datetime",
}  # fmt: skip


@dataclass(frozen=True)
class About:
    """A file. `row_count` is None where counting would have held up the first row."""

    table: str
    name: str  # of the file, without its ending
    language: str
    address: str
    site: str  # with a slash at its end
    made: date
    newest: Reading | None  # the newest reading in the rows
    chosen: Mapping[str, Any]  # parameters that choose rows
    columns: Sequence[Column]
    row_count: int | None
    sources: Sequence[Source] = field(default_factory=list)
    left_out: Sequence[str] = ()  # platforms; asked for before anything streams
    ledger: str = ""  # its newest number
    is_wide: bool = False  # a column for each line of a chart

    @property
    def title(self) -> str:
        """Return the title in the active language."""
        chosen = ", ".join(f"{name}: {value}" for name, value in self.chosen.items())
        return f"{TITLES[self.table]} ({chosen})" if chosen else str(TITLES[self.table])

    @property
    def citation(self) -> Citation:
        return Citation(self.title, self.address, self.made, self.newest, ledger=self.ledger)

    @property
    def method(self) -> str:
        return f"{self.site}{self.language}/method/"

    @property
    def numbers_of(self) -> str | None:
        """Return the newest day, month or year of the rows as ISO writes it."""
        return self.newest and time_text(*self.newest)

    @property
    def rules(self) -> Sequence[str | Promise]:
        return WIDE_RULES if self.is_wide else RULES

    def means(self, column: Column) -> str | Promise:
        """Say what a column of this file holds."""
        if self.is_wide:
            return dictionary.means_wide(column, details=len({one.kind for one in self.columns}) > 2)
        return dictionary.means(column.name)


def sources_of(statement: Statement, row_count: int | None) -> list[Source]:
    """Return the sources that the rows name; of many rows all that files may hold. A cell of a sum names several."""
    sources = Source.objects.exclude(key__in=terms.unpublishable())
    if row_count is None or row_count > ASKED_UP_TO:
        return list(sources)
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT line.source FROM ({statement.sql}) line", statement.parameters)  # noqa: S608
        return find_sources(cell for (cell,) in cursor.fetchall())


def find_sources(cells: Any) -> list[Source]:
    """Return the sources whose keys stand in the cells."""
    return list(Source.objects.filter(key__in={key for cell in cells for key in (cell or "").split()}))


def newest_of(statement: Statement, row_count: int | None) -> Reading | None:
    """Return the newest reading in the rows; None where there is none, or where the rows are too many to look through."""
    names = [column.name for column in statement.columns]
    if "day" not in names or row_count is None or row_count > ASKED_UP_TO:
        return None
    day = "line.last_day" if "last_day" in names else "line.day"
    span = f"CASE WHEN line.day = {day} THEN line.span ELSE 'day' END"
    width = f"array_position(ARRAY['year', 'month', 'day'], {span})"
    with reading.cursor() as cursor:
        cursor.execute(
            f"""SELECT {day}, {span} FROM ({statement.sql}) line WHERE line.day IS NOT NULL
            ORDER BY 1 DESC, {width} DESC LIMIT 1""",  # noqa: S608 our words
            statement.parameters,
        )
        found = cursor.fetchone()
    return Reading(*found) if found else None


def row_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as text, without those that are empty or do not choose rows."""
    told: dict[str, Any] = {}
    for name, value in parameters.items():
        if not value or name in ("lang", "preset"):
            continue
        if isinstance(value, list | tuple):
            told[name] = ", ".join(map(str, value))
        else:
            told[name] = value.isoformat() if isinstance(value, date) else str(value)
    return told


def metadata(about: About) -> dict[str, Any]:
    """Return all of it as JSON's own kinds, with every text in three languages."""
    return {
        "name": about.name,
        "title": _in_all(lambda: about.title),
        "address": about.address,
        "made": about.made.isoformat(),
        "numbers_of": about.numbers_of,
        "chosen": dict(about.chosen),
        "row_count": about.row_count,
        "ledger": about.ledger or None,
        "rules": _in_all(lambda: [str(rule) for rule in about.rules]),
        "method": about.method,
        "citation": _in_all(lambda: about.citation.text) | {"bibtex": about.citation.bibtex},
        "licence": _in_all(lambda: str(LICENCE)),
        "sources": [
            {
                "key": source.key,
                "title": source.title,
                "citation": source.citation,
                "address": source.url,
                "licence": source.licence or None,
            }
            for source in about.sources
        ],
        "left_out": [
            {"platform": platform, "why": _in_all(lambda code=platform: str(terms.of(code).words))}
            for platform in about.left_out
        ],
        "columns": [
            {
                "name": column.name,
                "type": FIELD_TYPES[column.kind],
                "description": _in_all(lambda column=column: str(about.means(column))),
            }
            for column in about.columns
        ],
    }


def _in_all(say: Any) -> dict[str, Any]:
    said = {}
    for code in LANGUAGES:
        with override(code):
            said[code] = say()
    return said


def lines(about: About) -> list[str]:
    """Return the metadata for a person, line by line, in the file's language: README of a ZIP, second sheet of a
    workbook."""
    with override(about.language):
        said = [
            f"KZMedia: {about.title}",
            "",
            gettext("Address: %(address)s") % {"address": about.address},
            gettext("Taken: %(day)s") % {"day": about.made.isoformat()},
        ]
        if about.numbers_of:
            said.append(gettext("Newest number: %(day)s") % {"day": about.numbers_of})
        if about.row_count is not None:
            said.append(gettext("Rows: %(number)s") % {"number": about.row_count})
        if about.ledger:
            said.append(gettext("Ledger %(number)s") % {"number": about.ledger})
        said += ["", gettext("Rules"), *[f"- {rule}" for rule in about.rules]]
        said.append(gettext("- All rules: %(address)s") % {"address": about.method})
        said += ["", gettext("Columns")]
        said += [f"- {column.name}: {about.means(column)}" for column in about.columns]
        if platforms := about.left_out:
            said += [
                "",
                gettext("What is left out"),
                *[f"- {platform}: {terms.of(platform).words}" for platform in platforms],
            ]
        said += ["", gettext("How to cite"), about.citation.text, "", *about.citation.bibtex.splitlines()]
        said += ["", gettext("Licence"), str(LICENCE)]
        for source in about.sources:
            licence = source.licence or str(NO_LICENCE)
            said.append(
                gettext("- %(key)s: %(citation)s. Licence: %(licence)s")
                % {"key": source.key, "citation": source.citation, "licence": licence}
            )
    return said


def datapackage(about: About, size: int, sha256: str, row_count: int) -> bytes:
    """Describe data.csv as a Data Package, as frictionlessdata.io defines it."""
    told = metadata(about)
    sources = [
        {"title": one["citation"] or one["key"], **({"path": one["address"]} if one["address"] else {})}
        for one in told["sources"]
    ]
    package = {
        "name": "kzmedia-" + about.table,
        "title": told["title"]["en"],
        "homepage": about.site,
        "created": f"{about.made.isoformat()}T00:00:00Z",
        **({"sources": sources} if sources else {}),
        "resources": [
            {
                "name": "data",
                "path": "data.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": size,
                "hash": f"sha256:{sha256}",
                "row_count": row_count,
                "schema": {
                    "missingValues": [""],
                    "fields": [
                        {
                            "name": column["name"],
                            "type": column["type"],
                            "description": column["description"][about.language],
                        }
                        for column in told["columns"]
                    ],
                },
            }
        ],
    }
    return dump(package)


def dump(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"
