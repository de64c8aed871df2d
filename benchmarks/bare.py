"""The least that reading accounts can be: asyncio, httpx and COPY; no queue, no leases, no rules. For collecting.py.

    python bare.py DATABASE PLATFORM=ADDRESS ... [--at-once 2]

Reads the accounts of the platforms from the database, asks the local server with as many requests open at once as are
said, and copies the numbers into bare_snapshot. Prints the seconds from the first query to the commit and the count.
"""

import argparse
import asyncio
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import httpx
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.platforms import graph as graph_keys
from tests.platforms import ok as ok_keys
from tests.platforms import vk as vk_keys
from tests.platforms import x as x_keys
from tests.platforms import youtube as youtube_keys

Ask = tuple[str, str, dict[str, Any]]  # method, path, the rest
Counts = dict[str, int]


# How each platform is asked for so many, and where in the answer the counts are


def youtube(ids: list[str]) -> Ask:
    asked = {"part": "id,snippet,statistics,status", "id": ",".join(ids), "maxResults": "50"}
    return "GET", "/youtube/v3/channels", {"params": asked, "headers": {"X-Goog-Api-Key": youtube_keys.KEY}}


def read_youtube(body: bytes, ids: list[str]) -> Counts:
    return {item["id"]: int(item["statistics"]["subscriberCount"]) for item in json.loads(body)["items"]}


def bluesky(ids: list[str]) -> Ask:
    return "GET", "/xrpc/app.bsky.actor.getProfiles", {"params": [("actors", did) for did in ids]}


def read_bluesky(body: bytes, ids: list[str]) -> Counts:
    return {item["did"]: item["followersCount"] for item in json.loads(body)["profiles"]}


def vk(ids: list[str]) -> Ask:
    form = {
        "group_ids": ",".join(number.lstrip("-") for number in ids),
        "fields": "members_count,verified,screen_name,is_closed,deactivated",
        "access_token": vk_keys.TOKEN,
        "v": "5.199",
    }
    return "POST", "/method/groups.getById", {"data": form}


def read_vk(body: bytes, ids: list[str]) -> Counts:
    return {f"-{item['id']}": item["members_count"] for item in json.loads(body)["response"]["groups"]}


def x(ids: list[str]) -> Ask:
    asked = {"ids": ",".join(ids), "user.fields": "public_metrics,verified,protected"}
    return "GET", "/2/users", {"params": asked, "headers": {"Authorization": f"Bearer {x_keys.TOKEN}"}}


def read_x(body: bytes, ids: list[str]) -> Counts:
    return {item["id"]: item["public_metrics"]["followers_count"] for item in json.loads(body)["data"]}


def ok(ids: list[str]) -> Ask:
    asked = {
        "application_key": ok_keys.APPLICATION_KEY,
        "format": "json",
        "method": "group.getInfo",
        "uids": ",".join(ids),
        "fields": "UID,NAME,SHORTNAME,MEMBERS_COUNT",
    }
    secret = md5(ok_keys.ACCESS_TOKEN + ok_keys.SECRET_KEY)
    signed = md5("".join(f"{name}={asked[name]}" for name in sorted(asked)) + secret)
    return "GET", "/fb.do", {"params": {**asked, "sig": signed, "access_token": ok_keys.ACCESS_TOKEN}}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def read_ok(body: bytes, ids: list[str]) -> Counts:
    return {item["uid"]: item["members_count"] for item in json.loads(body)}


def mastodon(ids: list[str]) -> Ask:
    numbers = [("id[]", name.partition("@")[0]) for name in ids]
    return "GET", "/mastodon.example/api/v1/accounts", {"params": numbers}


def read_mastodon(body: bytes, ids: list[str]) -> Counts:
    return {f"{item['id']}@mastodon.example": item["followers_count"] for item in json.loads(body)}


def graph(paths: list[str]) -> Ask:
    batch = json.dumps([{"method": "GET", "relative_url": path} for path in paths])
    return "POST", "/v26.0/", {"data": {"access_token": graph_keys.TOKEN, "batch": batch}}


def facebook(ids: list[str]) -> Ask:
    return graph([f"{number}?fields=id,name,username,followers_count,verification_status" for number in ids])


def read_facebook(body: bytes, ids: list[str]) -> Counts:
    pages = [json.loads(part["body"]) for part in json.loads(body)]
    return {page["id"]: page["followers_count"] for page in pages}


def instagram(ids: list[str]) -> Ask:
    fields = "business_discovery.username({}){{id,username,name,followers_count}}"
    return graph([f"{graph_keys.USER_ID}?fields={quote(fields.format(name), safe='')}" for name in ids])


def read_instagram(body: bytes, ids: list[str]) -> Counts:
    found = [json.loads(part["body"])["business_discovery"] for part in json.loads(body)]
    return {page["username"]: page["followers_count"] for page in found}


def threads(ids: list[str]) -> Ask:
    asked = {"fields": "username,name,is_verified,follower_count", "access_token": graph_keys.TOKEN}
    return "GET", "/v1.0/profile_lookup", {"params": {"username": ids[0], **asked}}


def read_threads(body: bytes, ids: list[str]) -> Counts:
    return {ids[0]: json.loads(body)["follower_count"]}


def telegram(ids: list[str]) -> Ask:
    return "GET", f"/{ids[0]}", {}


def read_telegram(body: bytes, ids: list[str]) -> Counts:
    found = re.search(r'tgme_page_extra">([0-9 ]+) subscriber', body.decode())
    if found is None:
        raise ValueError(ids[0])
    return {ids[0]: int(found[1].replace(" ", ""))}


PLATFORMS: dict[str, tuple[int, Callable[[list[str]], Ask], Callable[[bytes, list[str]], Counts]]] = {
    "youtube": (50, youtube, read_youtube),
    "bluesky": (25, bluesky, read_bluesky),
    "vk": (500, vk, read_vk),
    "x": (100, x, read_x),
    "ok": (100, ok, read_ok),
    "mastodon": (40, mastodon, read_mastodon),
    "facebook": (50, facebook, read_facebook),
    "instagram": (50, instagram, read_instagram),
    "threads": (1, threads, read_threads),
    "telegram": (1, telegram, read_telegram),
}
BY_NAME = ("instagram", "threads", "telegram")  # the others are asked by id


def batches(
    database: psycopg.Connection, addresses: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Yield platform, address and the accounts of one request: name on the platform -> our key."""
    for platform, address in addresses.items():
        keys = dict(
            database.execute(
                "SELECT CASE WHEN %s OR platform_id = '' THEN handle ELSE platform_id END, id"
                " FROM tracking_account WHERE platform = %s",
                [platform in BY_NAME, platform],
            ).fetchall()
        )
        names, size = list(keys), PLATFORMS[platform][0]
        for start in range(0, len(names), size):
            yield platform, address, {name: keys[name] for name in names[start : start + size]}


async def read_all(database: psycopg.Connection, addresses: dict[str, str], at_once: int) -> int:
    waiting = batches(database, addresses)
    rows: list[tuple[Any, ...]] = []

    async def reader(client: httpx.AsyncClient) -> None:
        for platform, address, keys in waiting:
            _, ask, read = PLATFORMS[platform]
            method, path, more = ask(list(keys))
            answer = await client.request(method, address + path, **more)
            now = datetime.now(UTC)
            counts = read(answer.raise_for_status().content, list(keys))
            rows.extend((keys[name], now.date(), count, now) for name, count in counts.items())

    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(reader(client) for _ in range(at_once)))
    with database.cursor() as cursor, cursor.copy("COPY bare_snapshot FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return len(rows)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("database")
    words.add_argument("addresses", nargs="+")
    words.add_argument("--at-once", type=int, default=2)
    chosen = words.parse_args()
    addresses = dict(word.split("=", 1) for word in chosen.addresses)
    began = perf_counter()
    with psycopg.connect(chosen.database) as database:
        counted = asyncio.run(read_all(database, addresses, chosen.at_once))
    json.dump({"seconds": perf_counter() - began, "counted": counted}, sys.stdout)


if __name__ == "__main__":
    main()
