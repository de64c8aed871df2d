"""Walks the whole interface with a client that another program has made from its document.

A process of its own: python -m tests.client_walk SITE, with the client `kzclient` on its path. It knows nothing of the product: every
module of the client is an operation; a list is followed to its end, and what its rows name is asked for. Prints a line for each operation: rows.
"""

import importlib
import inspect
import json
import pkgutil
import sys
from typing import Any

import kzclient
import kzclient.api
from kzclient import Client

PAGE = 50
# What stands in an address, and where in the rows of which list it is found.
NAMED = {"slug": {"actor": "actors", "group": "groups"}, "id": {"account": "accounts", "proof": "snapshots"}, "key": {"source": "sources", "indicator_values": "indicators"}}  # fmt: skip


def operations() -> dict[str, Any]:
    """Return the function of each operation that reads, by its name."""
    found = {}
    for part in pkgutil.iter_modules(kzclient.api.__path__, "kzclient.api."):
        for module in pkgutil.iter_modules(importlib.import_module(part.name).__path__, part.name + "."):
            name = module.name.rpartition(".")[2]
            if not name.endswith("_create"):
                found[name] = importlib.import_module(module.name).sync_detailed
    return found


def walk(client: Client) -> dict[str, int]:
    todo, rows, counts = operations(), {}, {}
    lists = {name: call for name, call in todo.items() if set(paths_of(call)) == set()}
    for name, call in lists.items():
        rows[name.removesuffix("_list")] = found = all_of(call, client)
        counts[name] = len(found)
    for name, call in todo.items():
        for place in paths_of(call):
            plain = name.removesuffix("_retrieve").removesuffix("_list")
            held = rows[NAMED[place][plain]]
            counts[name] = sum(one_of(call, client, place, getattr(row, place)) for row in held[:5])
    return counts


def paths_of(call: Any) -> list[str]:
    parameters = inspect.signature(call).parameters.values()
    return [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]


def all_of(call: Any, client: Client) -> list[Any]:
    rows: list[Any] = []
    more = {"limit": PAGE} if "limit" in inspect.signature(call).parameters else {}
    while True:
        answer = call(client=client, **more)
        assert answer.status_code == 200, answer.content
        page = json.loads(answer.content)
        if "results" not in page:
            return [answer.parsed]
        for row, told in zip(answer.parsed.results, page["results"], strict=True):
            assert set(row.to_dict()) == set(told), (row, told)  # nothing is lost on the way
        rows += answer.parsed.results
        if answer.parsed.next_ is None:
            return rows
        more["cursor"] = answer.parsed.next_.rpartition("cursor=")[2]


def one_of(call: Any, client: Client, place: str, named: Any) -> int:
    answer = call(named, client=client)
    assert answer.status_code in (200, 404), (place, named, answer.content)  # no proof before the first night
    assert type(answer.parsed).__name__ != "NoneType", (place, named)
    return 1


if __name__ == "__main__":
    print(json.dumps(walk(Client(base_url=sys.argv[1]))))  # noqa: T201 what it is run for
