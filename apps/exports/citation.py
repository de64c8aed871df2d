"""Citations of pages, files and editions: a line in the reader's language, and BibTeX."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.text import slugify
from django.utils.translation import gettext

from apps.figures import formats
from apps.standings.types import Reading

SITE = "KZMedia"
# What LaTeX takes for its own when it stands in a text.
LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """Of a page, a file or an edition. `taken` is a day in Almaty; `newest` the newest reading in what is cited."""

    title: str
    address: str
    taken: date
    newest: Reading | date | None = None  # a date is a reading of that day
    ledger: str = ""  # its newest number when it was taken
    edition: str = ""  # of what never changes: its key or checksum

    @property
    def reading(self) -> Reading | None:
        """Return the newest reading in what is cited."""
        return Reading(self.newest, "day") if isinstance(self.newest, date) else self.newest

    @property
    def text(self) -> str:
        """Return one line in the active language."""
        parts = [f"{SITE} ({self.taken.year}). {self.title}."]
        if self.edition:
            parts.append(gettext("Edition %(edition)s.") % {"edition": self.edition})
        if self.reading:
            numbers = gettext("Data as of %(day)s.") % {"day": _plain(formats.span(*self.reading))}
            parts.append(numbers.replace("..", "."))  # the Russian year ends in a point of its own
        parts.append(self.address)
        parts.append(gettext("(accessed %(day)s)") % {"day": _plain(formats.day(self.taken))})
        if self.ledger:
            parts[-1] += "."
            parts.append(gettext("Ledger %(number)s") % {"number": self.ledger})
        return f"{' '.join(parts)}."

    @property
    def bibtex(self) -> str:
        """Return an entry of the kind misc; biblatex and BibTeX both read it."""
        fields = {
            "author": f"{{{SITE}}}",
            "title": f"{{{_latex(self.title)}}}",
            "year": str(self.taken.year),
            "url": self.address,
            "urldate": self.taken.isoformat(),
            "version": _latex(self.edition),
            "note": ". ".join(
                [gettext("Data as of %(day)s.").rstrip(".") % {"day": self._iso}] * bool(self.newest)
                + [gettext("Ledger %(number)s") % {"number": self.ledger}] * bool(self.ledger)
            ),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@misc{{{self.key},\n" + ",\n".join(lines) + "\n}"

    @property
    def _iso(self) -> str:
        """Return the day, month or year of the newest number: 2022-06-01, 2022-06, 2022."""
        day, span = self.reading or Reading(self.taken, "day")
        return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[span]]

    @property
    def key(self) -> str:
        words = slugify(self.title)[:40].strip("-")
        return "-".join(part for part in ("kzmedia", words, self.taken.isoformat()) if part)


def _plain(text: str) -> str:
    """Return a text with plain spaces."""
    return text.replace("\xa0", " ")


def _latex(text: str) -> str:
    return re.sub(r"[\\~^&%$#_{}]", lambda found: LATEX[found.group()], text)
