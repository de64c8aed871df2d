"""Fetches every public address of a fixed list from an installation of its own, to see what a change of code changes.

    python -m tests.public_addresses record FOLDER     writes what each address answers, a file each
    python -m tests.public_addresses compare FOLDER    records anew and prints what differs from that folder

The installation is made from nothing in a folder of its own: embedded servers, the reference dataset, synthetic
accounts and a few rows beside them, all as of one fixed day, so that two runs of one checkout agree byte for byte.
What differs for no reason of the code (tokens, hashes of static files, ETags) is masked. Run it on the checkout before
and on the one after. Modules are hardly imported and tables are found by their names: code may move meanwhile.
"""

import argparse
import difflib
import gzip
import hashlib
import io
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)  # what every clock says while addresses are fetched
LANGUAGES = ("kk", "ru", "en")
HOST = "localhost"
SHOWN_LINES = 6  # of a difference
ENVIRONMENT = {
    "SECRET_KEY": "public-addresses-" + "x" * 50,
    "ALLOWED_HOSTS": HOST,
    "YOUTUBE_TERMS": "approved",
    "SILENT_HOURS": "0",
    "BACKUP_ALARM_HOURS": "0",
    **dict.fromkeys(("RATE_PAGES", "RATE_SEARCH", "RATE_FILES", "API_RATE_ANONYMOUS"), "100000/minute"),
}

GROUP, OTHER_GROUP = "abenov-vs-agencies", "opposition-vs-officialdom"
PAGES = (
    "",
    "?view=line",
    "?view=line&scale=log",
    "standings/?since=1y",
    "standings/?view=bars&platform=facebook&since=2017",
    "standings/?view=bump&platform=facebook&since=1y",
    "standings/?rows=accounts&sort=-change&since=30d",
    "standings/?q=zzzz&platform=wrong",
    "groups/",
    f"groups/{GROUP}/",
    f"groups/{GROUP}/?view=line",
    f"groups/{OTHER_GROUP}/?since=2017",
    "groups/synthetic/",
    "actors/",
    "actors/?q=министерство",
    "actors/abenov/",
    "actors/synthetic-3/?since=1y",
    "actors/edge-c/",
    "actors/nobody/",
    "compare/",
    "compare/?actor=edge-a&actor=edge-b&actor=edge-d&platform=facebook&view=gap",
    "compare/?actor=synthetic-1&actor=synthetic-2&platform=facebook",
    *(
        f"compare/?actor=synthetic-1&actor=synthetic-2&platform=facebook&view={view}"
        for view in ("change", "percent", "index", "share", "gap")
    ),
    "data/",
    "data/api/",
    "editions/",
    "corrections/",
    "corrections/ask/?actor=abenov",
    "suggest/?q=Minzdrav",
    "search/?q=министерство",
    "search/?q=щщщщ",
    "method/",
    "status/",
    "status/unusual/",
    "accounts/login/",
)
EXPORTS = (
    *(
        f"{table}.{ending}"
        for table in ("snapshots", "standings")
        for ending in ("csv", "xlsx", "json", "zip")
    ),
    *(f"trend.{ending}?group={GROUP}" for ending in ("csv", "xlsx", "json", "zip")),
    "snapshots.csv?preset=excel&lang=ru&platform=facebook",
    "snapshots.csv?actor=synthetic-3&from=2026-10&to=2026-10",
    "standings.csv?preset=excel&lang=kk&since=1y&platform=facebook",
    f"standings.csv?group={GROUP}&on=2022&since=2017",
    "standings.csv?rows=accounts&since=30d&fresh=1",
    "trend.csv?layout=wide&platform=facebook&from=2026-11-01",
    f"trend.csv?layout=wide&preset=excel&group={GROUP}&lang=ru",
    "standings.csv?platform=myspace&lang=en",
)
API = (
    *("", "actors/", "actors/abenov/", "actors/nobody/", "accounts/", "accounts/?platform=youtube&limit=3", "accounts/1/"),
    *("groups/", f"groups/{GROUP}/", "snapshots/?actor=abenov", "snapshots/?actor=synthetic-3&limit=5"),
    *("standings/?platform=facebook&since=1y", f"standings/?group={GROUP}&on=2022&since=2017&lang=kk"),
    *("standings/?rows=accounts&limit=4", f"trends/?group={GROUP}", "trends/?actor=synthetic-3&from=2026-11-01"),
    *("overtakes/?platform=facebook&from=2026-06-01", f"overtakes/?group={GROUP}", "milestones/?from=2026-06-01"),
    *("corrections/", "indicators/", "indicators/platform_audience/values/", "events/", "events/?lang=ru", "claims/"),
    *("sources/", "sources/koshkenov2022/", "schema/", "standings/?platfrom=x", "nowhere/"),
)  # fmt: skip
FEEDS = (
    "corrections.atom",
    "site.atom",
    "site.atom?lang=ru",
    "actors/abenov.atom",
    "actors/synthetic-13.atom?lang=kk",
    f"groups/{GROUP}.atom",
    "groups/synthetic.atom",
)
CHARTS = (
    "overview",
    "standings?platform=facebook&view=bars",
    "standings?platform=facebook&view=bump&since=1y",
    "compare?actor=synthetic-1&actor=synthetic-2&platform=facebook&view=share",
    f"groups/{GROUP}",
    f"groups/{GROUP}?view=line",
    "actors/abenov",
    "actors/synthetic-3",
    "actors/synthetic-3/ranks",
    "nowhere",
)
LINKED = (
    f"/en/groups/{GROUP}/",
    "/ru/actors/abenov/",
    "/kk/standings/?view=bars&platform=facebook",
    "/embed/overview?lang=ru",
    "/en/method/",
)


def addresses(editions: list[str]) -> Iterator[str]:
    """List every address, from the root of the site; `editions`: the keys of what is frozen in the world."""
    yield "/"
    yield "/healthz"
    pages = [*PAGES, *(f"editions/{key}/" for key in editions)]
    for page, language in product(pages, LANGUAGES):
        yield f"/{language}/{page}"
    for file in EXPORTS:
        yield f"/export/{file}"
    for key, ending in product(editions, ("csv", "csv.gz")):
        yield f"/export/editions/{key}.{ending}"
    for place in API:
        yield f"/api/v1/{place}"
    for feed in FEEDS:
        yield f"/feeds/{feed}"
    for number, chart in enumerate(CHARTS):
        path, _mark, query = chart.partition("?")
        query = "&".join(part for part in (query, f"lang={LANGUAGES[number % 3]}") if part)
        yield f"/embed/{path}?{query}"
        yield f"/picture/{path}.svg?{query}"
    for page, form in product(LINKED, ("json", "xml")):
        yield f"/oembed?format={form}&url={quote(f'http://{HOST}{page}', safe='')}"


class Clock:
    """Stands in for django.utils.timezone.now: says one instant until it is set anew."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def table(name: str) -> Any:
    """Find the model of a table by the table's name, wherever its module lies."""
    from django.apps import apps

    return next(model for model in apps.get_models() if model._meta.db_table == name)


def make_world(clock: Clock) -> list[str]:
    """Fill the installation with the reference dataset and what is synthetic; returns the editions' keys."""
    from django.core.management import call_command
    from django.db import connection

    clock.at = NOW - timedelta(days=60)
    call_command("prepare", stdout=io.StringIO())
    if not table("tracking_actor").objects.exists():
        call_command("load_reference", stdout=io.StringIO())
    last = (NOW - timedelta(days=1)).date().isoformat()
    call_command("synthesise", accounts=60, days=420, until=date.fromisoformat(last), stdout=io.StringIO())
    add_rows()
    add_edges()
    clock.at = NOW - timedelta(days=21)
    look_for_news()
    clock.at = NOW
    look_for_news()
    for address in (f"/en/groups/{GROUP}/?since=2017", "/en/compare/?actor=synthetic-1&actor=synthetic-2"):
        call_command("freeze", address, stdout=io.StringIO())
    call_command("freeze", dataset=True, stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # how many rows a large file has is the planner's guess
    return list(table("exports_edition").objects.order_by("pk").values_list("key", flat=True))


def add_rows() -> None:
    """Add what neither dataset holds: a group, a hidden actor, corrections, an answered request, a name that changed."""
    actors = {
        actor.slug: actor for actor in table("tracking_actor").objects.filter(slug__startswith="synthetic-")
    }
    group = table("tracking_group").objects.create(
        slug="synthetic",
        title_en="Synthetic",
        title_ru="Вымышленные",
        title_kk="Ойдан шығарылған",
        reference=actors["synthetic-1"],
    )
    group.members.set([actors[f"synthetic-{number}"] for number in (1, 2, 3, 4, 5, 11, 13)])
    actors["synthetic-9"].hidden = True
    actors["synthetic-9"].save()
    editor = table("users_user").objects.create(username="editor", is_staff=True)
    snapshots = table("tracking_snapshot").objects.filter(state="counted", account__actor__slug="synthetic-3")
    for number, snapshot in enumerate(snapshots.order_by("-day", "pk")[:3]):
        at = NOW - timedelta(days=3, hours=number)
        value = {"state": "counted", "bound": "=", "precision": str(snapshot.precision)}
        table("tracking_correction").objects.create(
            snapshot=snapshot,
            old={**value, "followers": snapshot.followers},
            new={**value, "followers": snapshot.followers + 5},
            reason=f"A misprint, number {number}",
            by=editor,
            at=at,
        )
        snapshot.followers += 5
        snapshot.edited_by, snapshot.recorded_at = editor, at
        snapshot.save()
    account = table("tracking_account").objects.filter(actor__slug="synthetic-4").earliest("pk")
    table("tracking_snapshot").objects.filter(account=account, day=NOW.date() - timedelta(days=1)).update(
        state="absent", followers=None
    )


# Of each actor: day or span ("30" days ago, "2024-02", "2023"), count, bound and precision, oldest first.
EDGES = {
    "edge-a": [
        ("2023", 5_000, ">", "printed"),
        ("2024-02", 6_000, "=", "abbrev"),
        ("1", 7_000, "=", "exact"),
    ],
    "edge-b": [("2024", 6_500, "~", "printed"), ("365", 6_990, "=", "exact"), ("1", 7_000, "=", "exact")],
    "edge-c": [("60", 6_000, "=", "exact"), ("30", 7_000, "=", "exact")],
    "edge-d": [("61", 8_000, "=", "exact"), ("31", 6_999, "=", "exact")],
    "edge-e": [("2024-02", 12_400, "=", "3sf"), ("40", 12_500, "=", "3sf"), ("0", 12_600, "=", "3sf")],
}


def add_edges() -> None:
    """Add what rules turn on: ties, values of just thirty days and one more, spans, bounds, what looks like a formula."""
    source = table("tracking_source").objects.get(key="synthetic")
    for number, (slug, values) in enumerate(EDGES.items()):
        names = {f"name_{language}": f"{'@=+-'[number % 4]}{slug} {language}" for language in LANGUAGES}
        actor = table("tracking_actor").objects.create(slug=slug, kind="state_body", source=source, **names)
        account = table("tracking_account").objects.create(
            actor=actor, platform="facebook", handle=f"@{slug}", state="paused", source=source
        )
        for place, (when, followers, bound, precision) in enumerate(values):
            span = {4: 1, 7: 2}.get(len(when), 3)
            is_span = span < 3
            day = date.fromisoformat(f"{when}-01-01"[:10]) if is_span else NOW.date() - timedelta(int(when))
            table("tracking_snapshot").objects.create(
                account=account,
                day=day,
                span=span,
                state="counted",
                followers=followers,
                bound=bound,
                precision=precision,
                source=source,
                locator=f"=p. {place}",
                note="-about; so",
                recorded_at=NOW - timedelta(days=1),
            )


def look_for_news() -> None:
    """Have the detectors look, as beat does: feeds tell what they find."""
    from apps.alerts import tasks

    next(module for module in vars(tasks).values() if hasattr(module, "DETECTORS")).look()


class Site:
    """An installation of its own, from its start to its end."""

    def __init__(self) -> None:
        self.var = Path(tempfile.mkdtemp(prefix="kzm-", dir="/tmp"))  # short, as names of sockets must be
        self.var.chmod(0o755)  # the servers may run as another user

    def __enter__(self) -> "Site":
        for name in ("DATABASE_URL", "REDIS_URL", "READ_REPLICA_URL", "DEBUG", "BEHIND_TLS"):
            os.environ.pop(name, None)
        os.environ.update(ENVIRONMENT, VAR_DIR=str(self.var), DJANGO_SETTINGS_MODULE="kzmedia.settings")
        from django.utils import timezone

        from tests import servers

        self.clock = timezone.now = Clock(NOW)  # before any module takes hold of the function
        servers.start(self.var)
        import django

        django.setup()
        logging.disable(logging.CRITICAL)  # the list asks for what is not there, too
        self.editions = make_world(self.clock)
        return self

    def __exit__(self, *_: object) -> None:
        from tests import servers

        servers.stop()
        shutil.rmtree(self.var, ignore_errors=True)

    def fetch(self, address: str) -> bytes:
        """Ask for the address as a reader without a session does; returns what is compared of the answer."""
        from django.test import Client

        # A picture itself is Chromium's; that its address is known, and by which key, shows without drawing it.
        headers = {"If-None-Match": "*"} if address.startswith("/picture/") else {}
        client = Client(raise_request_exception=False, SERVER_NAME=HOST)
        response = client.get(address, headers={"Accept-Language": "kk", **headers})
        return normal(response.status_code, dict(response.headers), response.getvalue())


LEFT_OUT = {"Content-Length", "Date", "Server", "X-Request-ID"}
MASKS = [
    (re.compile(rb'(nonce[="-]+)[\w+/=-]{8,}'), rb"\1*"),
    (re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+'), rb"\1*"),
    (re.compile(rb'((?:name="began"|id="id_began")[^>]* value=")[^"]+'), rb"\1*"),
    (re.compile(rb'(value=")[^"]+("[^>]*name="began")'), rb"\1*\2"),
    (re.compile(rb"(/static/[\w./-]+?)\.[0-9a-f]{12}\."), rb"\1.*."),
    (re.compile(rb"(integrity=\")[^\"]+"), rb"\1*"),
]


def normal(status: int, headers: dict[str, str], content: bytes) -> bytes:
    """Write an answer so that two of the same code are the same bytes."""
    kept = {name: value for name, value in sorted(headers.items()) if name not in LEFT_OUT}
    kept |= {name: "*" for name in ("ETag", "Expires") if name in kept}
    for name, mark in (("Content-Security-Policy", "; "), ("Vary", ", ")):  # sets, in any order
        if name in kept:
            kept[name] = mark.join(sorted(kept[name].split(mark)))
    head = "".join(f"{name}: {value}\n" for name, value in kept.items())
    text = f"{status}\n{head}\n".encode() + unpacked(content, headers.get("Content-Type", ""))
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text


def unpacked(content: bytes, kind: str) -> bytes:
    """Lay open what is packed, and break JSON into lines."""
    if content.startswith(b"\x1f\x8b"):
        return unpacked(gzip.decompress(content), kind)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [(name, unpacked(archive.read(name), "")) for name in archive.namelist()]
        return b"".join(f"\n== {name}\n".encode() + part for name, part in parts)
    if "json" in kind:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=1).encode()
    return content


def file_name(address: str) -> str:
    """Name the file of an address so that it can be read, and so that no two share one."""
    readable = re.sub(r"[^\w.=-]+", "_", address).strip("_")[:90] or "root"
    return f"{readable}.{hashlib.sha256(address.encode()).hexdigest()[:6]}"


def record(folder: Path) -> int:
    """Fetch everything into the folder, which is emptied before; returns the number of addresses."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Site() as site:
        known = list(addresses(site.editions))
        for address in known:
            (folder / file_name(address)).write_bytes(f"{address}\n".encode() + site.fetch(address))
    return len(known)


def differences(before: Path, after: Path) -> Iterator[str]:
    """Say of each address that is not the same in both folders what differs first."""
    names = sorted({file.name for folder in (before, after) for file in folder.iterdir()})
    for name in names:
        one, other = before / name, after / name
        if not (one.exists() and other.exists()):
            address = (one if one.exists() else other).read_bytes().partition(b"\n")[0].decode()
            yield f"{address}\n    only {'before' if one.exists() else 'after'}"
            continue
        was, now = one.read_bytes(), other.read_bytes()
        if was != now:
            lines = difflib.unified_diff(broken(was), broken(now), lineterm="", n=0)
            told = [line[:200] for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
            more = f"\n    ... {len(told) - SHOWN_LINES} more lines" if len(told) > SHOWN_LINES else ""
            address = was.partition(b"\n")[0].decode()
            yield address + "".join(f"\n    {line}" for line in told[:SHOWN_LINES]) + more


def broken(content: bytes) -> list[str]:
    """Break an answer into short lines: pages hold figures of a hundred thousand signs on one."""
    text = content.decode("utf-8", "backslashreplace")
    return [line for line in re.split(r"\n|(?<=>)(?=<)|(?<=,)(?=\")", text) if line]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["record", "compare"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--into", type=Path, help="with compare: where the new recording is kept")
    asked = parser.parse_args()
    if asked.what == "record":
        say(f"{record(asked.folder)} addresses recorded in {asked.folder}")
        return 0
    if not asked.folder.is_dir():
        parser.error(f"nothing is recorded in {asked.folder}")
    with tempfile.TemporaryDirectory() as own:
        into = asked.into or Path(own)
        count = record(into)
        found = list(differences(asked.folder, into))
    for difference in found:
        say(difference)
    say(f"{count} addresses; {len(found)} differ")
    return 1 if found else 0


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
