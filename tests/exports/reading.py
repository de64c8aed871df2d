"""Reading a file back as a person's program would."""

import csv
import io

from django.test import Client

BOM = b"\xef\xbb\xbf"


def get(address: str, method: str = "get", **headers):
    """Return the answer of an export and its bytes."""
    response = getattr(Client(), method)(f"/export/{address}", headers=headers)
    return response, response.getvalue()


def body(address: str) -> bytes:
    response, content = get(address)
    assert response.status_code == 200, content.decode()
    return content


def table(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = content.removeprefix(BOM).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def rows(address: str) -> list[dict[str, str]]:
    return table(body(address))


def column(address: str, name: str) -> list[str]:
    return [row[name] for row in rows(address)]
