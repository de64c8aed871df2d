"""Reads a KZMedia site's interface for programs. Python 3.9 or newer, no dependency; copy it and change what you like.

python kzmedia_client.py https://kzmedia.example snapshots actor=abenov from=2017 fields=day,followers
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

PATIENCE = 5  # how often a page is asked for while the site says "later"
LATER = (429, 503)  # asked too often, and the database does not answer: both say after how many seconds


class Refused(Exception):
    """The site's own sentence, which names the parameter that it cannot use."""


def rows(site: str, table: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """Yield each row of a table, page after page. A filter that is a list is sent more than once. Raises Refused."""
    address = f"{site}/api/v1/{table}/?{urlencode(filters, doseq=True)}"
    while address:
        page = json.loads(get(address))
        yield from page["results"]
        address = page.get("next")


def row(site: str, table: str, key: Any) -> dict[str, Any]:
    """Return one row by its slug, number or key. Raises Refused."""
    return json.loads(get(f"{site}/api/v1/{table}/{key}/"))


def get(address: str, accept: str = "application/json") -> str:
    """Return what an address answers with: "text/csv" is another form of every list. Raises Refused."""
    for _time in range(PATIENCE):
        try:
            with urlopen(Request(address, headers={"Accept": accept})) as answer:
                return answer.read().decode()
        except HTTPError as refusal:
            if refusal.code not in LATER:
                raise Refused(json.loads(refusal.read())["error"]["message"]) from None
            time.sleep(int(refusal.headers["Retry-After"]))
    raise Refused(f"The site has asked {PATIENCE} times to come back later: {address}")


if __name__ == "__main__":
    for one in rows(*sys.argv[1:3], **dict(word.split("=", 1) for word in sys.argv[3:])):
        sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")
