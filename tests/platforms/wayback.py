"""The Wayback Machine: the index of captures (CDX) and captures as they were (id_).

A page is known as ("wayback", its address without scheme, "www." and last slash) and carries its captures in `more`.
"""

import json
import re
from urllib.parse import unquote, urlencode

from tests.platforms.world import Reply, Request, World, page

COLUMNS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")


def key(address: str) -> str:
    """Return what the index files an address under."""
    return re.sub(r"^(https?://)?(www\.)?", "", unquote(address)).rstrip("/").lower()


def keep(
    world: World,
    original: str,
    timestamp: str,
    body: bytes | str = b"",
    *,
    status: str = "200",
    content_type: str = "text/html; charset=utf-8",
    digest: str = "",
    **headers: str,
) -> None:
    """Give the archive this capture from now on."""
    known = world.find("wayback", key(original))
    captures = known.more["captures"] if known else []
    captures.append(
        {
            "urlkey": key(original),
            "timestamp": timestamp,
            "original": original,
            "mimetype": content_type.partition(";")[0],
            "statuscode": status,
            "digest": digest or f"D{timestamp}{len(captures)}",
            "length": str(len(body)),
            "body": body.encode() if isinstance(body, str) else body,
            "content_type": content_type,
            "headers": headers,
        }
    )
    world.set("wayback", key(original), more={"captures": captures})


def answer(world: World, request: Request) -> Reply:
    if request.path == "/cdx/search/cdx":
        return _index(world, request)
    asked = re.fullmatch(r"/web/([0-9]{14})id_/(.+)", request.path)
    if asked is None:
        return page("<html><body>Hrm.</body></html>", 404)
    query = urlencode({name: values[0] for name, values in request.query.items()})
    for capture in _captures(world, asked[2] + (f"?{query}" if query else "")):
        if capture["timestamp"] == asked[1]:
            return Reply(capture["body"], 200, capture["headers"], capture["content_type"])
    return page("<html><body>The Wayback Machine has not archived that URL.</body></html>", 404)


def _captures(world: World, address: str) -> list[dict]:
    known = world.find("wayback", key(address))
    return sorted(known.more["captures"], key=lambda capture: capture["timestamp"]) if known else []


def _index(world: World, request: Request) -> Reply:
    rows = _captures(world, request.one("url"))
    if any(row["headers"].get("excluded") for row in rows):
        return page(
            "org.archive.util.io.RuntimeIOException: AdministrativeAccessControlException: Blocked", 403
        )
    first, last = request.one("from"), request.one("to")
    rows = [row for row in rows if row["timestamp"][: len(first)] >= first]
    rows = [row for row in rows if not last or row["timestamp"][: len(last)] <= last]
    for asked in request.query.get("filter", []):
        column, _, value = asked.partition(":")
        rows = [row for row in rows if row[column] == value]
    collapse = request.one("collapse")
    if collapse:
        column, _, length = collapse.partition(":")
        unique = {}
        for row in rows:
            unique.setdefault(row[column][: int(length or 99)], row)
        rows = list(unique.values())
    start, limit = int(request.one("resumeKey") or 0), int(request.one("limit") or 10_000)
    columns = (request.one("fl") or ",".join(COLUMNS)).split(",")
    part = [[row[column] for column in columns] for row in rows[start : start + limit]]
    if not part:
        return _json([])
    rest = [[], [str(start + limit)]] if request.one("showResumeKey") and start + limit < len(rows) else []
    return _json([columns, *part, *rest])


def _json(rows: list) -> Reply:
    return Reply(json.dumps(rows).encode(), 200, {}, "application/json")
