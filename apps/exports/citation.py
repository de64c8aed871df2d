"""How what is taken from the site is cited: a line in the reader's language, and BibTeX."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.text import slugify
from django.utils.translation import gettext

from apps.figures import formats

SITE = "KZMedia"
# What LaTeX takes for its own when it stands in a text.
LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """Of a page, a file or an edition. `taken` and `day` are days in Almaty; `day` is the one that the numbers are of."""

    title: str
    address: str
    taken: date
    day: date | None = None
    edition: str = ""  # of what never changes: its key or checksum

    @property
    def text(self) -> str:
        """One line in the active language."""
        parts = [f"{SITE} ({self.taken.year}). {self.title}."]
        if self.edition:
            parts.append(gettext("Edition %(edition)s.") % {"edition": self.edition})
        if self.day:
            parts.append(gettext("Numbers of %(day)s.") % {"day": _day(self.day)})
        parts.append(self.address)
        parts.append(gettext("(taken %(day)s)") % {"day": _day(self.taken)})
        return f"{' '.join(parts)}."

    @property
    def bibtex(self) -> str:
        """An entry of the kind misc; biblatex and BibTeX both read it."""
        fields = {
            "author": f"{{{SITE}}}",
            "title": f"{{{_latex(self.title)}}}",
            "year": str(self.taken.year),
            "url": self.address,
            "urldate": self.taken.isoformat(),
            "version": _latex(self.edition),
            "note": f"Numbers of {self.day.isoformat()}" if self.day else "",
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@misc{{{self.key},\n" + ",\n".join(lines) + "\n}"

    @property
    def key(self) -> str:
        words = slugify(self.title)[:40].strip("-")
        return "-".join(part for part in ("kzmedia", words, self.taken.isoformat()) if part)


def _day(day: date) -> str:
    return formats.day(day).replace("\xa0", " ")


def _latex(text: str) -> str:
    return re.sub(r"[\\~^&%$#_{}]", lambda found: LATEX[found.group()], text)
