"""Words of the reference data in Russian and Kazakh: measures, units, places in sources, notes.

The files of the dataset keep one wording, in English, which exports and the API hand out as it stands. Pages show it in
the reader's language by the table texts.csv. `{n}` in it stands for a number: "Section {n}" covers every section.
"""

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apps.registry.models import Source

TABLE: Final = Path(__file__).parent / "texts.csv"
NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")


def in_language(text: str, language: str) -> str:
    """Return the text in kk or ru; as it stands where the table does not have it, or the language is English."""
    if language == "en" or not text:
        return text
    return _exact(text, language) or _exact_with_number(text, language) or text


def citation_of(source: "Source", language: str) -> str:
    """Return the source's citation; a title that stands in [brackets] is ours and is said in the language."""
    return source.citation.replace(source.title, in_language(source.title, language), 1)


def is_known(text: str, language: str) -> bool:
    """Tell whether a text can be shown in the language; what cannot is marked as English on the page."""
    return language == "en" or not text or bool(_exact(text, language) or _exact_with_number(text, language))


def _exact(text: str, language: str) -> str:
    return _table().get(text, {}).get(language, "")


def _exact_with_number(text: str, language: str) -> str:
    numbers = NUMBER.findall(text)
    if len(numbers) != 1:
        return ""
    return _exact(NUMBER.sub("{n}", text), language).replace("{n}", numbers[0])


@cache
def _table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {row["en"]: row for row in csv.DictReader(lines)}
