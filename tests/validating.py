"""Holds documents against what their readers publish: CITATION.cff, datacite.json, datacite.xml, JSON-LD of pages.

A process of its own (`python -m tests.validating FOLDER`) with the packages of requirements-validators.txt before the product's:
they want other versions of the same. Prints a line for each fault.
"""

import gc
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parent / "schemas" / "datacite-4.6" / "metadata.xsd"


def faults(folder: Path) -> Iterator[str]:
    for file in sorted(folder.iterdir()):
        if file.suffix == ".cff":
            yield from of_citation(file)
        elif file.suffix == ".xml":
            yield from of_datacite_xml(file)
        elif file.name.startswith("datacite"):
            yield from of_datacite(file)
        elif file.suffix == ".jsonld":
            yield from of_linked_data(file)


def of_citation(file: Path) -> Iterator[str]:
    from cffconvert.cli.create_citation import create_citation

    try:
        create_citation(str(file), None).validate()
    except Exception as error:  # whatever it finds
        yield f"{file.name}: {getattr(error, 'message', error)}"


def of_datacite(file: Path) -> Iterator[str]:
    from datacite.schema45 import validator

    for error in validator.iter_errors(json.loads(file.read_text())):
        yield f"{file.name}: {list(error.path)} {error.message}"


def of_datacite_xml(file: Path) -> Iterator[str]:
    """By DataCite's own schema, which lies beside the tests: validators must not reach for it over the network."""
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(SCHEMA))
    document = etree.parse(file)
    if not schema.validate(document):
        yield from (f"{file.name}: line {error.line}: {error.message}" for error in schema.error_log)


def of_linked_data(file: Path) -> Iterator[str]:
    for thing in json.loads(file.read_text())["@graph"]:
        try:
            built(thing)
        except Exception as error:  # a pydantic error names the property
            yield f"{file.name}: {thing.get('@type')}: {error}"


def built(thing: Any) -> Any:
    """Build what JSON-LD says as schema.org's vocabulary knows it; raises for a type or a property that it does not."""
    import schema_org

    if isinstance(thing, list):
        return [built(one) for one in thing]
    if isinstance(thing, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", thing):
        return date.fromisoformat(thing)
    if not isinstance(thing, dict):
        return thing
    if set(thing) == {"@id"}:  # said elsewhere
        return schema_org.Organization()
    given = {name: built(value) for name, value in thing.items() if not name.startswith("@")}
    return getattr(schema_org, thing["@type"])(**given)


if __name__ == "__main__":
    gc.disable()  # schema.org's models are hundreds of thousands of objects that all stay: a third of the time
    for fault in faults(Path(sys.argv[1])):
        print(fault)  # noqa: T201 what it is run for
