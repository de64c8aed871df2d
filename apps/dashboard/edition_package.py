"""An edition of a chart as one ZIP: its rows, what is shown, its picture, its proofs, how it is described and cited."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from apps.dashboard import embedding
from apps.exports import archive, columns, editions, licensing
from apps.exports.about import FIELD_TYPES, dump
from apps.exports.citation import Citation
from apps.exports.dictionary import means
from apps.exports.models import Edition
from apps.figures.pictures import NotDrawn

KNOWN: Final = {column.name: column for column in (*columns.SNAPSHOTS, *columns.STANDINGS)}
RANK: Final = {"name": "rank", "type": "integer"}


def pack(edition: Edition, site: str) -> bytes:
    """Return the ZIP. Raises editions.Tampered. Where no picture can be drawn now it has none, and says where one is."""
    return b"".join(archive.pack((name, [content]) for name, content in _parts(edition, site)))


def _parts(edition: Edition, site: str) -> Iterator[tuple[str, bytes]]:
    rows, content = editions.csv(edition), editions.content(edition)
    yield "data.csv", rows
    yield "chart.json", dump({code: content[code] for code in editions.LANGUAGES if code in content})
    yield "proof.json", dump({"ledger": edition.ledger or None, "proofs": content.get("proofs", [])})
    yield "datapackage.json", dump(describe(edition, site, rows))
    yield "citation.bib", citation(edition, site, "en").bibtex.encode() + b"\n"
    pictures = {f"{code}.svg": _picture(edition, site, code) for code in editions.LANGUAGES}
    yield from ((f"picture-{name}", drawn) for name, drawn in pictures.items() if drawn)
    yield "README.txt", readme(edition, site, has_pictures=all(pictures.values())).encode()


def citation(edition: Edition, site: str, language: str) -> Citation:
    """Cite an edition: the day it was made and the ledger's number of then, so it never changes."""
    with override(language):
        address = site + reverse("dashboard:edition", args=[edition.key])
        day = timezone.localdate(edition.made_at)
        return Citation(edition.title_in(language), address, day, ledger=edition.ledger, edition=edition.key)


def _picture(edition: Edition, site: str, language: str) -> bytes | None:
    with override(language), suppress(NotDrawn, embedding.TooMany):
        asked = embedding.picture(embedding.EDITION + edition.key, "svg", QueryDict(f"lang={language}"), site)
        return asked.content(lambda: None)
    return None


def describe(edition: Edition, site: str, rows: bytes) -> dict[str, Any]:
    """Describe data.csv as a Data Package, as frictionlessdata.io defines it."""
    licence = licensing.chosen()
    heads = rows.decode("utf-8").partition("\n")[0].strip().split(",")
    return {
        "name": f"kzmedia-{edition.key}".lower(),
        "title": edition.title_in("en"),
        "homepage": site + reverse("dashboard:edition", args=[edition.key]),
        "created": edition.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": edition.checksum[:12],
        "ledger": edition.ledger or None,
        **(
            {"licenses": [{"name": licence.name, "title": licence.title, "path": licence.address}]}
            if licence
            else {}
        ),
        "resources": [
            {
                "name": "data",
                "path": "data.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": edition.size,
                "hash": f"sha256:{edition.checksum}",
                "schema": {"missingValues": [""], "fields": [_field(name) for name in heads]},
            }
        ],
    }


def _field(name: str) -> dict[str, Any]:
    column = KNOWN.get(name)
    if column is None:
        return {"name": name, "type": "string"}
    with override("en"):
        return {"name": name, "type": FIELD_TYPES[column.kind], "description": str(means(name))}


def readme(edition: Edition, site: str, *, has_pictures: bool) -> str:
    """Say in English what is in the ZIP and how it is checked."""
    where = (
        ""
        if has_pictures
        else "\nNo picture could be drawn when this was packed. They are at:\n"
        + "".join(
            f"  {site}/picture/{embedding.EDITION}{edition.key}.{ending}\n" for ending in embedding.ENDINGS
        )
    )
    return f"""{edition.title_in("en")}

{citation(edition, site, "en").text}

data.csv          the rows the chart is drawn from; SHA-256 {edition.checksum}
chart.json        what is shown, in Kazakh, Russian and English
picture-*.svg     the chart
proof.json        that the counts it shows were sealed: python3 verify.py --proof proof.json
datapackage.json  the columns
citation.bib      BibTeX
{where}
The program that checks: {site}/data/ledger/verify.py
"""
