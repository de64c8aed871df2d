"""Every kind of table that people bring: each file of tests/intake/files gives what expected.jsonl says of it.

Each line of expected.jsonl names what must stand before, what a person answers, and what must come out; `either` is
another reading that can be defended. See tests/intake/files/README.md.
"""

import json
import re
from fnmatch import fnmatch
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from apps.common import grids
from apps.intake import bulk_add, imports
from apps.intake.answers import Answers
from apps.intake.bulk_add import LineVerdict
from apps.registry.models import Account, Actor, Source
from apps.snapshots.models import Snapshot, Span
from tests import reference
from tests.builders import make_source

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
def world(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    reference.load()
    make_source("brought")


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


def look(case, answers):
    with (FILES / case["file"]).open("rb") as file:
        batch = imports.receive(file, case["file"], source=Source.objects.get(key="brought"), language="en")
    return imports.check(batch, answers=answers)


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


@pytest.mark.parametrize("name", COUNTS)
def test_a_table_of_counts(name):
    case = CASES[name]
    prepare(case)
    standing = set(Snapshot.objects.values_list("pk", flat=True))

    first = look(case, Answers())
    assert Snapshot.objects.count() == len(standing), "nothing is recorded by looking"
    asked = {question["kind"] for question in first.reading["questions"]}
    # Nothing that must be asked is new before it is answered.
    optional = [place for place, *_rest in case.get("either", [])]
    for place, what in case["asked"]:
        if place in optional or what.startswith("hidden") or (name, place) in TAKEN_WITHOUT_A_QUESTION:
            continue
        verdicts = set(first.rows.filter(line__in=list(lines_of(place))).values_list("verdict", flat=True))
        assert "new" not in verdicts, (place, what, asked)

    batch = look(case, answers_of(case)) if case["needs"] else first
    if batch.stage == "checked":
        imports.write(batch)
    got = recorded(standing)

    either = [change for _place, _what, *changes in case.get("either", []) for change in changes]
    may_lack = [row for change in either for row in change["without"]]
    may_stand = [row for change in either for row in change["with"]]
    before = recorded(set(Snapshot.objects.exclude(pk__in=standing).values_list("pk", flat=True)))
    for row in case["rows"]:
        stands = any(like(one, row) for one in got) or any(like(one, row) for one in before)
        assert stands or row in may_lack, f"missing {row}"
    for row in got:
        assert any(like(row, one) for one in (*case["rows"], *may_stand)), f"too much {row}"
    for pattern, why in case["never"]:
        for row in got:
            assert not all(fnmatch(str(cell), str(part)) for cell, part in zip(row, pattern, strict=True)), (
                why,
                row,
            )
    check_places(case, batch, optional)


def check_places(case, batch, optional):
    """Check that what is refused or left out has that verdict, with a sentence."""
    if batch.stage == "refused":
        assert batch.refused
        return
    for key, allowed in (
        ("refused", {"error", "asked", "doubt", "left"}),
        ("left_out", {"left", "doubt", "asked"}),
    ):
        for place, why in case[key]:
            if place in optional or ", " in place:
                continue
            for line in lines_of(place):
                rows = batch.rows.filter(line=line)
                verdicts = set(rows.values_list("verdict", flat=True))
                assert not rows or verdicts & allowed, (place, why, verdicts)
                assert key == "left_out" or rows, (place, why)
    assert not batch.rows.filter(verdict__in=("error", "left", "asked"), problem="").exists()
    for place, _what in case.get("conflict", []):
        assert set(batch.rows.filter(line__in=list(lines_of(place))).values_list("verdict", flat=True)) == {
            "conflict"
        }


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_accounts(name, tmp_path, django_user_model):
    case = CASES[name]
    prepare(case)
    before = set(Actor.objects.values_list("slug", flat=True))
    with (FILES / name).open("rb") as file:
        kept = grids.keep(file, tmp_path / "list")
    judged = bulk_add.judge_list(kept, Answers())
    assert Actor.objects.count() == len(before)
    bulk_add.save(judged.lines, by=django_user_model.objects.create_user("editor"))

    got = []
    for line in judged.lines:
        if line.target and line.verdict in (LineVerdict.JOINS, LineVerdict.CREATES, LineVerdict.TRACKED):
            account = line.tracked or Account.objects.get(
                platform=line.target.platform, handle=line.target.handle
            )
            slug = account.actor.slug
            who = slug if slug in before else f"new:{account.actor.name_ru}"
            got.append([who, account.platform, account.handle, account.platform_id, str(line.verdict)])
            if slug not in before:
                assert account.actor.hidden, "a new actor is a draft"
    changes = [change for _place, _what, *changes in case.get("either", []) for change in changes]
    may_lack = [row for change in changes for row in change["without"]]
    may_stand = [row for change in changes for row in change["with"]]
    for row in case["accounts"]:
        assert row in got or row in may_lack, f"missing {row}: {got}"
    for row in got:
        assert row in case["accounts"] or row in may_stand, f"too much {row}"
    for pattern, why in case["never"]:
        for row in got:
            assert not all(fnmatch(cell, part) for cell, part in zip(row[:3], pattern, strict=True)), (
                why,
                row,
            )
    for place, why in case["refused"]:
        for line in lines_of(place):
            bad = [
                one for one in judged.lines if one.number == line and one.verdict == LineVerdict.UNREADABLE
            ]
            assert bad, (place, why)
            assert all(one.problem for one in bad)
    new = {who for who, *_rest in got if who.startswith("new:")}
    assert Actor.objects.count() == len(before) + len(new), "one actor for all the rows that name it"


@pytest.mark.parametrize(
    "name", ["11_months_ru.csv", "16_two_header_rows.xlsx", "31_names.csv", "37_jumps.csv"]
)
def test_the_command_takes_the_same_answers(name, tmp_path):
    case = CASES[name]
    prepare(case)
    said = tmp_path / "answers.json"
    said.write_text(json.dumps(answers_of(case).as_json()), encoding="utf-8")
    standing = set(Snapshot.objects.values_list("pk", flat=True))
    out, err = StringIO(), StringIO()
    call_command(
        "import_snapshots",
        str(FILES / name),
        source="brought",
        answers=said,
        yes=True,
        leave_out_mistakes=True,
        stdout=out,
        stderr=err,
    )
    got = recorded(standing)
    assert len(got) == len(case["rows"])
    assert all(any(like(row, one) for one in case["rows"]) for row in got)
    assert "read " in err.getvalue()
