"""Structured data of a page (JSON-LD): which addresses it gives as the site's own."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from apps.collectors.sites.links import bare_host

MOST_ITEMS: Final = 2_000
BODIES: Final = re.compile(
    r"organi[sz]ation|website|webpage|government|corporation|ngo|party|office|business|university|school|college"
    r"|library|museum|hospital|city|area|embassy",
    re.I,
)
# What is described below these is the site itself; below others (author, about, memberOf ...) somebody else.
ABOUT_THE_SITE: Final = (
    "@graph",
    "publisher",
    "mainEntity",
    "mainEntityOfPage",
    "isPartOf",
    "sourceOrganization",
    "copyrightHolder",
)
# What hides a script from browsers of long ago; it may stand behind comment signs of its own.
OPENINGS: Final = ("//", "/*", "*/", "<!--", "<![CDATA[")
CLOSINGS: Final = ("//", "/*", "*/", "-->", "]]>")
TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")


def find_addresses(text: str, host: str) -> list[str]:
    """Return the sameAs addresses of the body whose site this is; none where the text cannot be read as JSON."""
    bare = _unwrap(text)
    for attempt in (bare, TRAILING_COMMA.sub(r"\1", bare)):
        try:
            return list(_same_as(json.loads(attempt, strict=False), host))
        except (ValueError, RecursionError):
            continue
    return []


def is_body(kinds: str) -> bool:
    """Tell whether a type of schema.org is that of a body or its site; one that is not said may be."""
    return not kinds or bool(BODIES.search(kinds))


def _unwrap(text: str) -> str:
    """Return a script's text without the signs of comments around it; in time that grows with its length only."""
    bare = text.strip()
    for _ in range(len(OPENINGS)):
        for sign in OPENINGS:
            bare = bare.removeprefix(sign).lstrip()
        for sign in CLOSINGS:
            bare = bare.removesuffix(sign).rstrip()
    return bare


def _same_as(described: Any, host: str) -> Iterator[str]:
    waiting: list[Any] = [described]
    seen = 0
    while waiting and (seen := seen + 1) < MOST_ITEMS:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += [item[name] for name in ABOUT_THE_SITE if isinstance(item.get(name), dict | list)]
            if _is_of_site(item, host):
                for address in _as_list(item.get("sameAs")):
                    given = address.get("@id") if isinstance(address, dict) else address
                    if isinstance(given, str):
                        yield given


def _is_of_site(item: dict[str, Any], host: str) -> bool:
    """Tell whether an item describes the body of the site; a person does where the site is that person's."""
    own = next((item[name] for name in ("url", "@id") if "//" in str(item.get(name))), "")
    try:
        elsewhere = bool(own) and bare_host(str(own)) != host
        is_home = bool(own) and urlsplit(str(own)).path in ("", "/")
    except ValueError:
        return False
    kinds = " ".join(str(kind) for kind in _as_list(item.get("@type")))
    return not elsewhere and (is_body(kinds) or ("Person" in kinds and is_home))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
