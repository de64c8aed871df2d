"""One data package of everything: CSV and Parquet of each table, described as Frictionless, CITATION.cff and DataCite do.

Made every day as a file under VAR_DIR/packages, and kept as it was on the first of each month.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # nosec B405: nothing is read with it

from django.conf import settings
from django.utils import timezone

from apps.common import file_store
from apps.exports import archive, copying, editions, licensing, parquet
from apps.exports.about import FIELD_TYPES, dump
from apps.exports.copying import PLAIN
from apps.exports.dictionary import means
from apps.exports.resources import RESOURCES, Resource
from apps.ledger.reads import newest_label

NAME = "kzmedia-package.zip"
TITLE = (
    "KZMedia: followers of state bodies, officials, parties and bloggers of Kazakhstan on social platforms"
)
ABSTRACT = (
    "How many followers state bodies, officials, parties and bloggers of Kazakhstan have on each social platform, day by"
    " day, every number with its source; with corrections, events and figures about the country."
)
KEYWORDS = ("Kazakhstan", "social media", "followers", "government communication", "time series")
DATACITE = "http://datacite.org/schema/kernel-4"
TO_BE_ASSIGNED = ":tba"  # DataCite's word where there is no DOI yet; its JSON has none then
CHUNK = 1 << 20


def place() -> Path:
    return Path(settings.VAR_DIR) / "packages"


def of_month(month: str) -> str:
    """Return the name of the package of a month, 2026-12: beside the editions, which every backup holds."""
    return editions.name_of(f"kzmedia-{month}-package.zip")


def current() -> Path:
    """Return the package of today; made where none has been yet."""
    file = place() / NAME
    return file if file.exists() else make()


def make(day: date | None = None) -> Path:
    """Make the package of the day, and of a month the first, which is never written again."""
    day = day or timezone.localdate()
    place().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place()) as folder:
        draft = Path(folder) / NAME
        with draft.open("wb") as file:
            for block in archive.pack(_parts(Path(folder), day), large=True):
                file.write(block)
        file_store.put_once(of_month(f"{day:%Y-%m}"), draft)
        draft.rename(place() / NAME)
    return place() / NAME


def _parts(folder: Path, day: date) -> Iterator[tuple[str, Iterator[bytes]]]:
    described = []
    for resource in RESOURCES:
        csv, columnar = folder / f"{resource.name}.csv", folder / f"{resource.name}.parquet"
        rows = _write(csv, columnar, resource)
        yield f"data/{csv.name}", _blocks(csv)
        yield f"data/{columnar.name}", _blocks(columnar)
        described.append(describe(resource, csv, rows))
        csv.unlink()
        columnar.unlink()
    sealed = newest_label()
    told = descriptor(described, day, sealed)
    for name, content in {
        "datapackage.json": dump(told),
        "CITATION.cff": citation(day, sealed).encode(),
        "datacite.json": dump(datacite(day, sealed)),
        "datacite.xml": datacite_xml(datacite(day, sealed)),
        "README.md": readme(told).encode(),
    }.items():
        yield name, iter([content])


def _write(csv: Path, columnar: Path, resource: Resource) -> int:
    """Write both files of a table and return how many rows it has."""
    rows = copying.Rows(resource.statement()).start(PLAIN)
    try:
        with csv.open("wb") as file:
            for block in rows:
                file.write(block)
    finally:
        rows.close()
    with columnar.open("wb") as file:
        for block in parquet.pack(resource.columns, _blocks(csv), dump({"title": resource.title})):
            file.write(block)
    return rows.written


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while block := content.read(CHUNK):
            yield block


def describe(resource: Resource, csv: Path, rows: int) -> dict[str, Any]:
    """Describe a table as a Data Resource with its schema."""
    digest = hashlib.sha256()
    for block in _blocks(csv):
        digest.update(block)
    return {
        "name": resource.name,
        "title": resource.title,
        "path": f"data/{resource.name}.csv",
        "parquet": f"data/{resource.name}.parquet",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": csv.stat().st_size,
        "hash": f"sha256:{digest.hexdigest()}",
        "row_count": rows,
        "schema": _schema(resource),
    }


def _schema(resource: Resource) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(resource, name) for name in resource.columns],
        "missingValues": [""],
    }
    if resource.key:
        schema["primaryKey"] = list(resource.key)
    if resource.refers:
        schema["foreignKeys"] = [
            {
                "fields": [column],
                "reference": {"resource": "" if table == resource.name else table, "fields": [key]},
            }
            for column, (table, key) in resource.refers.items()
        ]
    return schema


def _field(resource: Resource, column: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "type": FIELD_TYPES[column.kind]}
    if resource.name == "snapshots":
        told["description"] = str(means(column.name))
    if unit := resource.units.get(column.name):
        told["unit"] = unit
    if words := resource.words.get(column.name):
        told["constraints"] = {"enum": list(words)}
    return told


def descriptor(resources: list[dict[str, Any]], day: date, sealed: str) -> dict[str, Any]:
    """Return datapackage.json."""
    licence = licensing.chosen()
    told: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "kzmedia",
        "title": TITLE,
        "description": ABSTRACT,
        "homepage": f"{settings.SITE_URL}/",
        "version": day.isoformat(),
        "created": f"{day.isoformat()}T00:00:00Z",
        "keywords": list(KEYWORDS),
        "contributors": [{"title": "KZMedia", "path": f"{settings.SITE_URL}/", "role": "publisher"}],
        "sources": [
            {"title": "data/sources.csv names the source of every number", "path": "data/sources.csv"}
        ],
        "resources": resources,
    }
    if licence:
        told["licenses"] = [{"name": licence.name, "title": licence.title, "path": licence.address}]
    else:
        told["licence_note"] = str(licensing.NOT_CHOSEN)
    if sealed:
        told["ledger"] = sealed
    return told


def citation(day: date, sealed: str) -> str:
    """Return CITATION.cff; a text in JSON's quotes is one in YAML's."""
    licence = licensing.chosen()
    fields: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them, and the source of each number.",
        "type": "dataset",
        "title": TITLE,
        "abstract": ABSTRACT,
        "authors": [{"name": "KZMedia"}],
        "version": f"{day.isoformat()}, ledger {sealed}" if sealed else day.isoformat(),
        "date-released": day.isoformat(),
        "url": f"{settings.SITE_URL}/",
        "keywords": list(KEYWORDS),
        **({"license": licence.name} if licence else {}),
    }
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items())


def datacite(day: date, sealed: str) -> dict[str, Any]:
    """Return DataCite's metadata, schema 4; the DOI is still to be assigned."""
    licence = licensing.chosen()
    return {
        "schemaVersion": DATACITE,
        "creators": [{"name": "KZMedia", "nameType": "Organizational"}],
        "titles": [{"title": TITLE, "lang": "en"}],
        "publisher": {"name": "KZMedia"},
        "publicationYear": str(day.year),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Time series"},
        "subjects": [{"subject": word} for word in KEYWORDS],
        "dates": [{"date": day.isoformat(), "dateType": "Issued"}],
        "language": "en",
        "version": f"{day.isoformat()}, ledger {sealed}" if sealed else day.isoformat(),
        "formats": ["text/csv", "application/vnd.apache.parquet"],
        "descriptions": [{"description": ABSTRACT, "descriptionType": "Abstract", "lang": "en"}],
        "rightsList": [
            {"rights": licence.title, "rightsUri": licence.address, "rightsIdentifier": licence.name}
        ] if licence else [{"rights": str(licensing.NOT_CHOSEN)}],
        "url": f"{settings.SITE_URL}/",
    }  # fmt: skip


def datacite_xml(told: dict[str, Any]) -> bytes:
    """Return the same as DataCite's XML."""
    root = ElementTree.Element("resource", {"xmlns": DATACITE})

    def add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        made = ElementTree.SubElement(parent, name, attributes)
        made.text = text or None
        return made

    add(root, "identifier", TO_BE_ASSIGNED, identifierType="DOI")
    add(
        add(add(root, "creators"), "creator"),
        "creatorName",
        told["creators"][0]["name"],
        nameType="Organizational",
    )
    add(add(root, "titles"), "title", told["titles"][0]["title"], **{"xml:lang": "en"})
    add(root, "publisher", told["publisher"]["name"])
    add(root, "publicationYear", told["publicationYear"])
    add(root, "resourceType", told["types"]["resourceType"], resourceTypeGeneral="Dataset")
    subjects = add(root, "subjects")
    for one in told["subjects"]:
        add(subjects, "subject", one["subject"])
    add(add(root, "dates"), "date", told["dates"][0]["date"], dateType="Issued")
    add(root, "language", told["language"])
    formats = add(root, "formats")
    for one in told["formats"]:
        add(formats, "format", one)
    add(root, "version", told["version"])
    rights = told["rightsList"][0]
    addresses = {"rightsURI": rights["rightsUri"], "rightsIdentifier": rights["rightsIdentifier"]} if "rightsUri" in rights else {}  # fmt: skip
    add(add(root, "rightsList"), "rights", rights["rights"], **addresses)
    add(
        add(root, "descriptions"),
        "description",
        told["descriptions"][0]["description"],
        descriptionType="Abstract",
    )
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def readme(told: dict[str, Any]) -> str:
    """Return a page for a person that says what lies where."""
    licence = licensing.chosen()
    lines = [
        f"# {told['title']}",
        "",
        told["description"],
        "",
        f"Version {told['version']}.",
        "",
        "## Tables",
        "",
    ]
    lines += [
        f"- `{one['path']}`, `{one['parquet']}`: {one['title']}, {one['row_count']} rows"
        for one in told["resources"]
    ]
    lines += [
        "",
        "## Licence",
        "",
        f"{licence.title}: {licence.address}" if licence else str(licensing.NOT_CHOSEN),
    ]
    if sealed := told.get("ledger"):
        lines += [
            "",
            "## Ledger",
            "",
            f"Newest number: {sealed}. {settings.SITE_URL}/en/data/ledger/ says how to check it.",
        ]
    return "\n".join(lines) + "\n"
