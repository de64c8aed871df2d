"""Every kind of table that people bring: each file of tests/intake/files gives what expected.jsonl says of it, by the desk, by
the command and by the API.

Each line of expected.jsonl names what must stand before, what a person answers, and what must come out; `either` is
another reading that can be defended. See tests/intake/files/README.md.
"""

import json
import re
import subprocess
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.db import transaction

from apps.common import grids
from apps.common.workbooks.unfold import unfold
from apps.intake.answers import Answers
from apps.registry.models import Account, Actor
from apps.snapshots.models import Snapshot, Span
from tests import reference
from tests.builders import make_source
from tests.intake import ways
from tests.intake.ways import WAYS

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent / "files"
CASES = {
    case["file"]: case
    for case in map(json.loads, (FILES / "expected.jsonl").read_text(encoding="utf-8").splitlines())
}
COUNTS = [name for name, case in CASES.items() if case["kind"] == "counts"]
LISTS = [name for name, case in CASES.items() if case["kind"] == "accounts"]


# What expected.jsonl allows to be found without a question, and what the page shows beside the row.
TAKEN_WITHOUT_A_QUESTION = {
    ("31_names.csv", "line 13"),  # the two words of a person's name in the other order
    ("31_names.csv", "line 18"),  # РК
    ("31_names.csv", "line 19"),  # ҚР
    *(
        ("31_names.csv", f"line {line}") for line in (15, 16, 17, 20)
    ),  # other names that the reference dataset knows by now
    ("01_leaderboard.csv", "lines 6-7"),
}


@pytest.fixture(autouse=True)
def world(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)
    # What a workbook's own process does is test_grids'; here it would be most of the time.
    monkeypatch.setattr("apps.common.grids.subprocess.run", unfold_here)
    reference.load()
    make_source("brought")


def unfold_here(command, **_options):
    """Unfold a workbook within this process, as a process of its own is told to."""
    workbook, folder, *limits = command[command.index(grids.UNFOLD) + 1 :]
    code = unfold(workbook, Path(folder), *map(int, limits))
    return subprocess.CompletedProcess(command, 1 if code else 0, b"", code.encode())


def prepare(case):
    """Make what must stand before."""
    before = case.get("before", {})
    for slug, kind, en, ru, kk in before.get("actors", []):
        Actor.objects.create(slug=slug, kind=kind, name_en=en, name_ru=ru, name_kk=kk)
    for slug, platform, handle in before.get("accounts", []):
        Account.objects.create(actor=Actor.objects.get(slug=slug), platform=platform, handle=handle)


def answers_of(case):
    """Return a person's answers, as `needs` tells them."""
    needs = case["needs"]
    given = {
        name: needs[name]
        for name in (
            "platform",
            "day",
            "day_order",
            "short_years",
            "serials",
            "columns",
            "aliases",
            "words",
            "unit",
        )
        if name in needs
    }
    if "span" in needs:
        given["span"] = {day: "leave" if span == "leave out" else span for day, span in needs["span"].items()}
    if "account" in needs:
        given["account"] = " ".join(needs["account"])
    if "sheet" in needs:
        given["sheets"] = needs["sheet"]
    if "year" in needs:
        given["year"] = str(needs["year"])
    if "decimal" in needs:
        given["decimal"] = "decimal"
    if "accept" in needs:
        given["accept"] = [place.removeprefix("line ") for place in needs["accept"]]
    return Answers.from_json(given)


def recorded(since=()):
    """Return the snapshots that the import made, as expected.jsonl writes them."""
    several = {}
    for actor, platform in Account.objects.values_list("actor", "platform"):
        several[actor, platform] = several.get((actor, platform), 0) + 1
    rows = []
    for row in Snapshot.objects.exclude(pk__in=since).select_related("account__actor"):
        account = row.account
        platform = account.platform
        if several[account.actor_id, platform] > 1:
            platform = f"{platform}:{account.handle}"
        rows.append(
            (
                account.actor.slug,
                platform,
                row.day.isoformat(),
                Span(row.span).word,
                row.state,
                row.followers,
                row.bound,
                row.precision,
            )
        )
    return rows


def lines_of(place):
    """Return the lines that a place such as "lines 2-3" or "Свод!D6:E6" names."""
    if match := re.match(r"lines? (\d+)(?:(?:-| and | to )(\d+))?", place):
        first, last = int(match[1]), int(match[2] or match[1])
        return range(first, last + 1) if "and" not in place else (first, last)
    if match := re.match(r"[^!]+!(?:[A-Z]+)?(\d+)", place):
        return (int(match[1]),)
    return ()


def like(row, expected):
    """Tell whether a recorded row is an expected one; what is printed is accepted where an amount had a unit."""
    if [str(a) for a in row[:7]] != [str(a) if a is not None else "None" for a in expected[:7]]:
        return False
    return expected[7] in ("*", row[7]) or (expected[7] == "abbrev" and row[7] == "printed")


@contextmanager
def undone():
    """What happens within leaves no trace, so that the next way finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", COUNTS)
def test_a_table_of_counts(name, tmp_path):
    case = CASES[name]
    prepare(case)
    standing = set(Snapshot.objects.values_list("pk", flat=True))
    for way in WAYS:
        with undone():
            check_counts(case, way, standing, tmp_path)


def check_counts(case, way, standing, folder):
    name, path = case["file"], FILES / case["file"]
    first = ways.counts(way, path, Answers(), folder, write=False)
    assert Snapshot.objects.count() == len(standing), "nothing is recorded by looking"
    # Nothing that must be asked is new before it is answered.
    optional = [place for place, *_rest in case.get("either", [])]
    for place, what in case["asked"]:
        if place in optional or what.startswith("hidden") or (name, place) in TAKEN_WITHOUT_A_QUESTION:
            continue
        assert "new" not in first.verdicts(lines_of(place)), (way, place, what, first.asked)

    looked = ways.counts(way, path, answers_of(case), folder, write=True)
    got = recorded(standing)
    before = recorded(set(Snapshot.objects.exclude(pk__in=standing).values_list("pk", flat=True)))
    may_lack, may_stand = either_of(case)
    for row in case["rows"]:
        stands = any(like(one, row) for one in (*got, *before))
        assert stands or row in may_lack, f"{way}: missing {row}"
    for row in got:
        assert any(like(row, one) for one in (*case["rows"], *may_stand)), f"{way}: too much {row}"
        for pattern, why in case["never"]:
            hit = all(fnmatch(str(cell), str(part)) for cell, part in zip(row, pattern, strict=True))
            assert not hit, (way, why, row)
    check_places(case, way, looked, optional)


def either_of(case):
    """Return the rows that another defensible reading may lack, and those that it may have."""
    changes = [change for _place, _what, *changes in case.get("either", []) for change in changes]
    return [row for change in changes for row in change["without"]], [
        row for change in changes for row in change["with"]
    ]


def check_places(case, way, looked, optional):
    """Check that what is refused or left out has that verdict, with a sentence."""
    if looked.refused:
        assert case["refused"], (way, looked.refused)
        return
    for key, allowed in (
        ("refused", {"error", "asked", "doubt", "left"}),
        ("left_out", {"left", "doubt", "asked"}),
    ):
        for place, why in case[key]:
            if place in optional or ", " in place:
                continue
            for line in lines_of(place):
                verdicts = looked.verdicts([line])
                if way == "desk" and why.startswith("the answer was") and verdicts == {"same"}:
                    continue  # what stands says it already, so that the desk does not ask
                assert not verdicts or verdicts & allowed, (way, place, why, verdicts)
                assert key == "left_out" or verdicts, (way, place, why)
    for _line, verdict, problem in looked.rows:
        assert problem or verdict not in ("error", "left", "asked"), way
    for place, _what in case.get("conflict", []):
        assert looked.verdicts(lines_of(place)) == {"conflict"}, (way, place)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_accounts(name, tmp_path):
    case = CASES[name]
    prepare(case)
    before = set(Actor.objects.values_list("slug", flat=True))
    for way in WAYS:
        with undone():
            check_accounts(case, way, before, tmp_path)


def check_accounts(case, way, before, folder):
    rows = ways.accounts(way, FILES / case["file"], Answers(), folder)
    got = []
    for row in rows:
        if row.verdict not in ("joins", "creates", "tracked"):
            continue
        account = Account.objects.get(platform=row.platform, handle=row.handle)
        actor = account.actor
        who = actor.slug if actor.slug in before else f"new:{actor.name_ru}"
        got.append([who, account.platform, account.handle, account.platform_id, row.verdict])
        assert actor.slug in before or actor.hidden, "a new actor is a draft"
    may_lack, may_stand = either_of(case)
    for row in case["accounts"]:
        assert row in got or row in may_lack, f"{way}: missing {row}: {got}"
    for row in got:
        assert row in case["accounts"] or row in may_stand, f"{way}: too much {row}"
        for pattern, why in case["never"]:
            assert not all(fnmatch(cell, part) for cell, part in zip(row[:3], pattern, strict=True)), (
                way,
                why,
                row,
            )
    for place, why in case["refused"]:
        for line in lines_of(place):
            bad = [row for row in rows if row.line == line and row.verdict == "unreadable"]
            assert bad, (way, place, why)
            assert all(row.problem for row in bad)
    new = {who for who, *_rest in got if who.startswith("new:")}
    assert Actor.objects.count() == len(before) + len(new), "one actor for all the rows that name it"
