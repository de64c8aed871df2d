"""File names that say what is inside: kzmedia-snapshots-facebook-2026-11-22.csv."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.text import slugify

NAMED = 3  # more actors or kinds than these are counted, not listed
LONGEST = 120


def filename(table: str, chosen: Mapping[str, Any], day: date, ending: str) -> str:
    """Return the name of a file: what it holds, what it was narrowed to, and the day it is of."""
    parts = ["kzmedia", table, chosen["platform"], *_few(chosen.get("kind", ()), "kinds")]
    parts += [
        chosen.get("region"),
        chosen.get("group"),
        *_few(chosen.get("actor", ()), "actors"),
        chosen.get("q"),
    ]
    parts += [*_few(chosen.get("indicator", ()), "figures"), *chosen.get("geo", ())]
    parts += [*_few(chosen.get("state", ()), "states"), chosen.get("rows", "") == "accounts" and "accounts"]
    parts += [chosen.get("fresh") and "fresh", chosen["preset"]]
    for word in ("from", "to", "since"):
        parts += [word, chosen[word].isoformat()] if chosen.get(word) else []
    name = slugify(" ".join(part for part in parts if part).replace("_", "-"), allow_unicode=True)
    return f"{name[:LONGEST].rstrip('-')}-{day.isoformat()}{ending}"


def _few(words: Any, plural: str) -> list[str]:
    return list(words) if len(words) <= NAMED else [f"{len(words)}-{plural}"]
