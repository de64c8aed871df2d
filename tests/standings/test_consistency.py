"""One question through every outlet: pages of standings and of a group, CSV, wide CSV, JSON, XLSX, API, frame, picture, digest, sentence, file of a chart.

CONSISTENCY_QUESTIONS=200 asks more of them.
"""

import io
import json
import os
import random
import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.utils import translation
from python_calamine import CalamineWorkbook

from apps.alerts import digests
from apps.dashboard import charts, embedding
from apps.figures import formats, mine
from apps.registry.models import Account, Actor, Group, OldSlug
from apps.snapshots.merging import merge_actors
from apps.snapshots.models import Merger, Snapshot
from tests.builders import make_account, make_actor, make_group, make_snapshot
from tests.exports.reading import body, table
from tests.standings import oracle

pytestmark = pytest.mark.django_db(transaction=True)

QUESTIONS = int(os.environ.get("CONSISTENCY_QUESTIONS", "6"))
ON = date(2026, 11, 20)
BOUNDS = "=======><~"


def made(chance, admin):
    """Return a world of actors with hidden, absent, late and never-read accounts; one hidden, one succeeded, one
    merged away."""
    actors = [make_actor(f"actor-{n}", name_en=f"Actor {n}") for n in range(6)]
    heir = make_actor("heir", name_en="Heir", succeeds=actors[5])
    Actor.objects.filter(slug="actor-4").update(hidden=True)
    merged = make_actor("merged", name_en="Merged")
    for actor in [*actors, heir, merged]:
        for platform in ("facebook", "x")[: chance.choice([1, 2, 2])]:
            account = make_account(actor, platform, handle=f"{actor.slug}-{platform}")
            if chance.random() < 0.1:
                continue  # never read
            begins = ON - timedelta(days=chance.choice([900, 400, 60, 20]))
            if actor == heir:
                begins = ON - timedelta(days=100)
            for _ in range(chance.randint(1, 5)):
                day = begins + timedelta(days=chance.randint(0, (ON - begins).days))
                if Snapshot.objects.filter(account=account, day=day).exists():
                    continue
                state = chance.choice(["counted"] * 5 + ["hidden", "absent"])
                counted = state == "counted"
                make_snapshot(
                    account,
                    day,
                    chance.choice([chance.randint(0, 50), chance.randint(1, 99) * 1000]) if counted else None,
                    state=state,
                    bound=chance.choice(BOUNDS) if counted else "=",
                    precision=chance.choice(["exact", "exact", "printed"]),
                )
    merge_actors(actors[0], merged, "The same body.", admin)
    return make_group("everyone", [*actors, heir])


def text_of(cell):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).replace("\xa0", " ").split())


def page_rows(address):
    """Name -> cells of a page's table of ranks."""
    page = Client().get(address).content.decode()
    tables = [
        table
        for table in page.split("<table")
        if ("Actor " in table and "aria-hidden" in table) or "▲" in table
    ]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", (tables or [""])[0].partition("</table>")[0], re.DOTALL)
    cells = [
        [text_of(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)] for row in rows
    ]
    named = (
        (next((m[0] for cell in row if (m := re.match(r"Actor \d|Heir", cell))), ""), row) for row in cells
    )
    return {name: row for name, row in named if name}


def ask(seed, admin):
    chance = random.Random(seed)  # noqa: S311 examples, not secrets
    group = made(chance, admin)
    platform = chance.choice(["", "facebook", "x"])
    Group.objects.filter(pk=group.pk).update(platform=platform)
    since = chance.choice([date(2026, 1, 1), date(2026, 11, 1), date(2025, 6, 1)])
    query = f"platform={platform}&on={ON}&since={since}"
    # Through files and interface
    csv_rows = {row["actor_slug"]: row for row in table(body(f"standings.csv?{query}"))}
    json_rows = {row["actor_slug"]: row for row in json.loads(body(f"standings.json?{query}"))["rows"]}
    head, *lines = (
        CalamineWorkbook.from_filelike(io.BytesIO(body(f"standings.xlsx?{query}")))
        .get_sheet_by_name("Data")
        .to_python()
    )
    xlsx_rows = {row["actor_slug"]: row for row in (dict(zip(head, line, strict=True)) for line in lines)}
    answer = Client().get(
        f"/api/v1/standings/?on={ON}&since={since}" + (f"&platform={platform}" if platform else "")
    )
    api = answer.json()
    api_rows = {row["actor"]: row for row in api["results"]}
    assert set(csv_rows) == set(json_rows) == set(xlsx_rows) == set(api_rows)
    assert not {"actor-4", "merged"} & set(csv_rows)
    page = page_rows(f"/en/standings/?platform={platform}&on={ON}&since={since}")
    in_group = page_rows(f"/en/groups/everyone/?on={ON}&since={since}")
    chart_query = f"on={ON}" + (f"&platform={platform}" if platform else "")
    with translation.override("en"):
        counted = [slug for slug, row in api_rows.items() if row["rank"]]
        frame = picture = {}
        if counted:
            chart = charts.find_chart("standings", QueryDict(chart_query)).make(False).chart
            frame = {row[1]: row for row in chart.table.rows}
            drawn = (
                embedding.picture("standings", "png", QueryDict(chart_query), "https://k").drawing().figure
            )
            picture = {note["text"] for note in drawn["layout"]["annotations"]}
    for slug, row in api_rows.items():
        now, name = row["now"], row["name"]
        one, typed, sheet = csv_rows[slug], json_rows[slug], xlsx_rows[slug]
        # Numbers
        for column, value in {
            "followers": now and now["followers"], "bound": now and now["bound"], "precision": now and now["precision"],
            "parts": now and now["parts"], "of": now and now["of"], "first_day": now and now["first_day"],
            "last_day": now and now["last_day"], "rank": row["rank"], "rank_of": row["rank_of"],
            "rank_then": row["rank_then"], "rank_then_of": row["rank_then_of"], "rank_is_open": row["rank_is_open"],
            "rank_change": row["rank_change"], "change": row["change"] and row["change"]["absolute"],
            "bound_then": row["then"] and row["then"]["bound"], "precision_then": row["then"] and row["then"]["precision"],
            "rank_then_is_open": row["rank_then_is_open"], "share_bound": row["share_bound"],
            "change_bound": row["change"] and row["change"]["bound"],
            "change_parts": row["change"] and row["change"]["parts"],
            "change_since": row["change"] and row["change"]["since"],
            "change_until_span": row["change"] and row["change"]["until_span"],
            "parts_then": row["then"] and row["then"]["parts"], "of_then": row["then"] and row["then"]["of"],
        }.items():  # fmt: skip
            assert typed[column] == value, (slug, column)
            assert one[column] == (
                "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            )
            same = sheet[column]
            assert same == "" if value is None else str(same).removesuffix(".0")[:10] == str(value), (
                slug,
                column,
            )
        # Words
        if now is None or now["followers"] is None:
            continue
        bound = ">=" if now["parts"] < now["of"] and now["bound"] == ">" else now["bound"]
        with translation.override("en"):
            shown = formats.count(now["followers"], bound).replace("\xa0", " ")
        cells = page[name]
        assert shown in cells, (slug, shown, cells)
        assert cells[0].removesuffix(" ? open") == str(row["rank"])
        assert cells[0].endswith("? open") == row["rank_is_open"]
        assert in_group[name][1] == cells[0]
        assert any(cell == shown or cell.startswith(f"{shown} ") for cell in in_group[name]), (
            slug,
            in_group[name],
        )
        assert frame[name][0] == str(row["rank"]) + ("?" if row["rank_is_open"] else "")
        assert frame[name][2] == shown
        assert any(text.startswith(shown) for text in picture)
        own = Actor.objects.get(slug=slug)
        if platform and row["rank"]:
            with translation.override("en"):
                standing = mine.standing(own, platform, ON, since)
                digest = digests.part(own, platform, since, ON)
            assert standing.league.counted == row["rank_of"] == api["counted"]
            assert f"rank {row['rank']} of {row['rank_of']}" in standing.says[0]
            assert shown in standing.says[0].replace("\xa0", " ")
            assert " ".join(digest.says).startswith(standing.says[0])
    if platform:
        wide_holds_numbers_alone(platform)


def wide_holds_numbers_alone(platform):
    query = f"trend.csv?platform={platform}&to={ON}"
    long = {(row["day"], row["actor_name"]): row for row in table(body(query))}
    for line in table(body(f"{query}&layout=wide")):
        for name, cell in line.items():
            if name == "day" or (line["day"], name) not in long:
                continue
            recorded = long[line["day"], name]
            assert cell == (recorded["followers"] if recorded["bound"] == "=" else "")


def test_every_outlet_gives_the_same_answer(admin_user):
    for seed in range(QUESTIONS):
        ask(seed, admin_user)
        Group.objects.all().delete()
        Merger.objects.all().delete()
        Snapshot.objects.all().delete()
        Account.objects.all().delete()
        OldSlug.objects.all().delete()
        Actor.objects.filter(succeeds__isnull=False).delete()
        Actor.objects.all().delete()
        cache.clear()


def test_the_oracle_of_openness_is_symmetric():
    one = {"followers": 5, "step": 1, "precision": "exact", "bound": "="}
    other = one | {"bound": ">"}
    assert oracle.is_certain(one, one)
    assert not oracle.is_certain(one, other)
    assert not oracle.is_certain(other, one)
