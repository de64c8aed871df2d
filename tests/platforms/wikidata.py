"""Wikidata: the REST interface (statements of an item) and the query service (which items have which names).

An item is known as ("wikidata", "Q1") and carries its statements in `more`; ("wikidata", "Q9") may be `moved` to another.
"""

import re

from tests.platforms.world import Reply, Request, World, as_json, page

ENTITY = "http://www.wikidata.org/entity/"
PROPERTY = "http://www.wikidata.org/prop/statement/"


def value(content: object, kind: str = "value") -> dict:
    return {"type": kind, "content": content} if kind == "value" else {"type": kind}


def part(code: str, content: object, kind: str = "value") -> dict:
    """Return a qualifier, or a part of a reference."""
    return {"property": {"id": code, "data_type": "string"}, "value": value(content, kind)}


def amount(number: object, unit: str = "1") -> dict:
    return {"amount": f"+{number}", "unit": unit}


def time(day: str, precision: int = 11, calendar: str = f"{ENTITY}Q1985727") -> dict:
    return {"time": f"+{day}T00:00:00Z", "precision": precision, "calendarmodel": calendar}


def statement(
    code: str, content: object, *qualifiers: dict, id: str = "Q1$0a-1", rank: str = "normal", url: str = ""
) -> dict:
    return {
        "id": id,
        "rank": rank,
        "property": {"id": code, "data_type": "string"},
        "value": value(content),
        "qualifiers": list(qualifiers),
        "references": [{"hash": "a1", "parts": [part("P854", url)]}] if url else [],
    }


def know(world: World, item: str, *statements: dict, moved: str = "") -> None:
    """Give Wikidata this item from now on, with these statements."""
    by_property: dict[str, list[dict]] = {}
    for one in statements:
        by_property.setdefault(one["property"]["id"], []).append(one)
    world.set("wikidata", item, more={"statements": by_property, "moved": moved})
    index = world.find("wikidata", "index")
    names = index.more["names"] if index else []
    for one in statements:
        if isinstance(one["value"].get("content"), str) and one["rank"] != "deprecated":
            names.append((one["property"]["id"], one["value"]["content"], item))
    world.set("wikidata", "index", more={"names": names})


def answer(world: World, request: Request) -> Reply:
    asked = re.fullmatch(r"/w/rest\.php/wikibase/v1/entities/items/([^/]+)/statements", request.path)
    if asked is None:
        return page("<html><body>No such interface</body></html>", 404)
    known = world.find("wikidata", asked[1])
    if known is None:
        return as_json(
            {"code": "resource-not-found", "message": "", "context": {"resource_type": "item"}}, 404
        )
    if known.more["moved"]:
        place = request.path.replace(asked[1], known.more["moved"])
        return Reply(b"", 308, {"Location": f"{request.base}{place}"})
    statements, code = known.more["statements"], request.one("property")
    return as_json({name: given for name, given in statements.items() if code in ("", name)})


def answer_query(world: World, request: Request) -> Reply:
    if not request.headers.get("user-agent"):
        return page("Forbidden", 403)
    index = world.find("wikidata", "index")
    asked = re.findall(r'\(ps:(P[0-9]+) "((?:[^"\\]|\\.)*)"\)', request.one("query"))
    wanted = {(code, re.sub(r"\\(.)", r"\1", text)) for code, text in asked}
    rows = [
        {
            "item": {"type": "uri", "value": f"{ENTITY}{item}"},
            "name": {"type": "uri", "value": f"{PROPERTY}{code}"},
            "value": {"type": "literal", "value": text},
        }
        for code, text, item in (index.more["names"] if index else [])
        if (code, text) in wanted
    ]
    body = {"head": {"vars": ["item", "name", "value"]}, "results": {"bindings": rows}}
    return as_json(body)
