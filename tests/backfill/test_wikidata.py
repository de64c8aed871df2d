"""manage.py backfill wikidata against a local Wikidata: both encodings, ranks, precisions, and nothing guessed."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.collectors import wikidata as reader
from apps.collectors.types import Target
from apps.intake.backfill.words import WHY
from apps.registry.models import Account, Actor, HandleChange
from apps.snapshots.models import Snapshot, Span
from tests.builders import make_account, make_actor, make_snapshot
from tests.platforms.wikidata import amount, part, statement, time
from tests.platforms.world import Reply

pytestmark = pytest.mark.django_db
CHOSEN = ("wikidata", "--actor", "ministry")
NUMBER = "1000000001"


@pytest.fixture
def actor():
    return make_actor("ministry", wikidata_id="Q1")


@pytest.fixture
def account(actor):
    return make_account(actor, "x", "examplemin", platform_id=NUMBER)


def followers(number=39000, day="2022-03-01", *more, account=NUMBER, precision=11, **facts):
    """Encoding A: a count whose qualifiers name the account and the day."""
    qualifiers = [part("P585", time(day, precision))] if day else []
    qualifiers += [part("P6552", account)] if account else []
    return statement("P8687", amount(number), *qualifiers, *more, **facts)


def values():
    return [(row.observed, row.bound, row.followers) for row in Snapshot.objects.all()]


def test_nothing_is_written_without_yes(account, know, run):
    know("Q1", followers(id="Q1$aa-1"))
    assert run(*CHOSEN) == [
        f"ministry x examplemin ({account.pk})",
        "  new       2022-03-01          39,000 printed  https://www.wikidata.org/wiki/Q1#Q1$aa-1",
        "  1 new, 0 the same, 0 in conflict, 0 refused.",
        "1 account. 1 new, 0 the same, 0 in conflict, 0 refused.",
        "Nothing was written. Add --yes to write the new counts.",
    ]
    assert not Snapshot.objects.exists()


def test_a_count_is_written_with_its_evidence(account, know, run):
    know("Q1", followers(url="https://press.example/2022", id="Q1$aa-1"))
    run(*CHOSEN, "--yes")
    made = Snapshot.objects.get()
    assert (made.day, made.span, made.followers, made.precision) == (
        date(2022, 3, 1),
        Span.DAY,
        39000,
        "printed",
    )
    assert made.locator == "https://press.example/2022"
    assert made.note == "https://www.wikidata.org/wiki/Q1#Q1$aa-1 (normal rank)"
    assert (made.source.key, made.source.kind, made.source.licence) == ("wikidata", "wikidata", "CC0 1.0")
    assert made.observed_at is None


def test_the_other_encoding_too(account, know, run):
    know(
        "Q1",
        statement("P2002", "ExampleMin", part("P8687", amount(39000)), part("P585", time("2022-03-01"))),
        statement("P2013", "examplemin.kz", part("P3744", amount(500)), part("P585", time("2022-03-01"))),
    )
    facebook = make_account(account.actor, "facebook", "examplemin.kz")
    run(*CHOSEN, "--yes")
    assert set(Snapshot.objects.values_list("account", "followers")) == {
        (account.pk, 39000),
        (facebook.pk, 500),
    }


def test_all_ranks_but_the_deprecated_one(account, know, run):
    know(
        "Q1",
        followers(39000, "2020-03-01"),
        followers(64000, "2022-03-01", rank="preferred"),
        followers(1, "2021-03-01", rank="deprecated"),
    )
    said = run(*CHOSEN, "--yes")
    assert values() == [("2020-03-01", "=", 39000), ("2022-03-01", "=", 64000)]
    assert any("refused" in line and "Wikidata marks it as wrong" in line for line in said)


def test_years_and_months_speak_for_all_of_them(account, know, run):
    know(
        "Q1",
        followers(1, "2020-00-00", precision=9),
        followers(2, "2021-05-00", precision=10),
        followers(3, "2022-05-17", part("P1480", "Q5727902")),
    )
    run(*CHOSEN, "--yes")
    assert values() == [("2020", "=", 1), ("2021-05", "=", 2), ("2022-05-17", "~", 3)]


def test_a_name_that_the_item_ties_to_the_number_is_the_same_account(actor, know, run):
    account = make_account(actor, "x", "examplemin")  # its number is not known yet
    know("Q1", statement("P2002", "examplemin", part("P6552", NUMBER)), followers())
    run(*CHOSEN, "--yes")
    assert values() == [("2022-03-01", "=", 39000)]
    account.refresh_from_db()
    assert account.platform_id == ""  # told by nobody but Wikidata: not learnt


TWICE = part("P585", time("2021-01-01"))
LEFT = {
    "no_day": followers(day=""),
    "several": followers(39000, "2022-03-01", TWICE),
    "no_account": followers(account=""),
    "not_a_count": statement(
        "P8687", amount("12.5"), part("P585", time("2022-03-01")), part("P6552", NUMBER)
    ),
    "bad_name": followers(39000, "2022-03-01", part("P2002", "no/name")),
    "bad_day": followers(precision=8),
    "dated_ahead": followers(day="2090-03-01"),
}


@pytest.mark.parametrize("why", sorted(LEFT))
def test_what_leaves_a_question_is_left_and_said(account, know, run, why):
    know("Q1", LEFT[why])
    said = run(*CHOSEN, "--yes")
    assert not values()
    if why != "no_account":
        assert said[-1] == "1 account. 0 new, 0 the same, 0 in conflict, 1 refused."
        assert any(str(WHY[why]) in line for line in said)
    else:
        assert any("says of no account whose it is" in line for line in said)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"amount": "+39000", "unit": "http://www.wikidata.org/entity/Q11573"}, "not_a_count"),
        ({"amount": "-5", "unit": "1"}, "not_a_count"),
        ({"amount": "+99999999999", "unit": "1"}, "not_a_count"),
        ({"amount": 39000.5, "unit": "1"}, "not_a_count"),
        ({}, "not_a_count"),
    ],
)
def test_what_is_no_count_of_people_is_none(content, code):
    body = {"P8687": [statement("P8687", content, part("P585", time("2022-03-01")), part("P6552", NUMBER))]}
    item = reader.read("Q1", body)
    assert ([left.why for left in item.left], item.counts) == ([code], ())


def test_unknown_values_and_other_calendars_are_none():
    unknown = followers()
    unknown["value"] = {"type": "somevalue"}
    julian = statement(
        "P8687",
        amount(5),
        part("P585", time("2022-03-01", calendar="http://www.wikidata.org/entity/Q1985786")),
        part("P6552", NUMBER),
    )
    item = reader.read("Q1", {"P8687": [unknown, julian]})
    assert [left.why for left in item.left] == ["no_value", "bad_day"]


def test_two_statements_that_disagree_on_a_day_are_both_left(account, know, run):
    know("Q1", followers(39000, id="Q1$a-1"), followers(40000, id="Q1$a-2"), followers(41000, "2023-03-01"))
    said = run(*CHOSEN, "--yes")
    assert values() == [("2023-03-01", "=", 41000)]
    assert said[-2] == "1 account. 1 new, 0 the same, 0 in conflict, 2 refused."


def test_the_preferred_of_two_statements_of_a_day_is_taken(account, know, run):
    know("Q1", followers(39000), followers(40000, rank="preferred"), followers(40000, rank="preferred"))
    run(*CHOSEN, "--yes")
    assert values() == [("2022-03-01", "=", 40000)]


def test_another_id_than_ours_is_another_account(account, know, run):
    know("Q1", followers(39000, "2022-03-01", part("P2002", "examplemin"), account="77"))
    said = run(*CHOSEN, "--yes")
    assert not values()
    assert any("another id than we know (77)" in line for line in said)


def test_an_old_handle_counts_while_it_was_the_accounts(actor, know, run):
    account = make_account(actor, "x", "examplemin")
    noticed = datetime(2021, 6, 1, tzinfo=UTC)
    HandleChange.objects.create(account=account, old="oldmin", new="examplemin", noticed_at=noticed)
    know(
        "Q1",
        followers(1, "2020-03-01", part("P2002", "oldmin"), account=""),
        followers(2, "2022-03-01", part("P2002", "oldmin"), account=""),
    )
    run(*CHOSEN, "--yes")
    assert values() == [("2020-03-01", "=", 1)]


def test_what_stands_is_never_overwritten(account, know, run):
    make_snapshot(account, "2022-03-01", 38000)
    know("Q1", followers())
    assert "(38,000 of test-source stands and is kept)" in run(*CHOSEN, "--yes")[1]
    assert values() == [("2022-03-01", "=", 38000)]


def test_an_item_is_found_by_its_accounts_and_told(know, run, world):
    actor = make_actor("ministry")
    make_account(actor, "x", "ExampleMin", platform_id=NUMBER)
    know("Q1", statement("P6552", NUMBER), followers())
    said = run(*CHOSEN, "--yes")
    assert values() == [("2022-03-01", "=", 39000)]
    assert (
        "ministry: https://www.wikidata.org/wiki/Q1 names one of its accounts. If it is the same, give it to the actor."
        in said
    )
    actor.refresh_from_db()
    assert actor.wikidata_id == ""
    query = next(request for name, request in world.log if name == "wikidata-query")
    assert query.headers["user-agent"] == "KZMedia/0.1.0 (+press@example.kz)"
    assert query.headers["accept"] == "application/sparql-results+json"


def test_of_two_items_none_is_taken(know, run):
    make_account("ministry", "x", "examplemin")
    know("Q1", statement("P2002", "examplemin"), followers())
    know("Q2", statement("P2002", "examplemin"))
    said = run(*CHOSEN, "--yes")
    assert not values()
    assert any("several items name its accounts" in line for line in said)


def test_accounts_that_nobody_tracks_are_told_and_not_added(account, know, run):
    make_account("other", "telegram", "othermin")
    know(
        "Q1",
        followers(),
        statement("P2003", "examplemin.kz"),
        statement("P2002", "oldmin", part("P582", time("2015-01-01"))),
        statement("P3789", "othermin"),
    )
    said = run(*CHOSEN)
    assert (
        "ministry: Instagram https://www.instagram.com/examplemin.kz/ is not tracked (https://www.wikidata.org/wiki/Q1)."
        in said
    )
    assert any("Telegram https://t.me/othermin is tracked as an account of other" in line for line in said)
    assert not any("oldmin" in line for line in said)
    assert Account.objects.count() == 2


def test_a_merged_item_is_followed_and_a_missing_one_said(account, know, run):
    know("Q2", followers(id="Q2$a-1"))
    know("Q1", moved="Q2")
    said = run(*CHOSEN, "--yes")
    assert values() == [("2022-03-01", "=", 39000)]
    assert "ministry: Q1 was merged into Q2." in said
    Actor.objects.update(wikidata_id="Q404")
    assert "ministry: Wikidata has no item Q404." in run(*CHOSEN)


def test_an_answer_serves_for_a_day(account, know, run, world):
    know("Q1", followers())
    run(*CHOSEN)
    run(*CHOSEN, "--yes")
    assert world.requests["wikidata"] == 1
    assert values() == [("2022-03-01", "=", 39000)]


def test_an_item_too_large_is_asked_for_by_property(account, know, run, world, monkeypatch):
    monkeypatch.setattr("apps.collectors.http.MOST_PARTS", 60)
    know("Q1", followers(), *(statement("P31", {"id": f"Q{number}"}) for number in range(50)))
    run(*CHOSEN, "--yes")
    assert values() == [("2022-03-01", "=", 39000)]
    assert world.requests["wikidata"] == 2 + len(reader.NAMES)


@pytest.mark.parametrize("platform", ["wikidata", "wikidata-query"])
@pytest.mark.parametrize(
    "fault", ["500", "html", "hang_up", "deep", "huge_number", "nan", "not_utf8", "empty", "long"]
)
def test_no_usable_answer_stops_the_run_and_writes_nothing(know, run, world, platform, fault):
    make_account(
        make_actor("ministry", wikidata_id="Q1" if platform == "wikidata" else ""), "x", "examplemin"
    )
    long = Reply(b'{"P8687": [' + b" " * 50_000_000 + b"]}")
    world.fail(platform, long if fault == "long" else fault, always=True)
    assert run(*CHOSEN, "--yes")[-1].startswith("error: The archive does not answer")
    assert not values()


def test_a_quote_in_a_name_stays_a_name(run, world, know):
    make_account("ministry", "mastodon", 'a"} }#@b.kz')
    run(*CHOSEN)
    query = next(request for name, request in world.log if name == "wikidata-query").one("query")
    assert '(ps:P4033 "a\\"} }#@b.kz")' in query


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [*("value", "content", "property", "id", "type", "rank", "qualifiers", "amount", "time"), "P585"]
)


@st.composite
def damaged(draw):
    """Return a good body with something else in one place."""
    body = json.loads(
        json.dumps(
            {"P8687": [followers()], "P2002": [statement("P2002", "examplemin", part("P6552", NUMBER))]}
        )
    )
    here = body
    for _ in range(draw(st.integers(1, 7))):
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not places:
            break
        place = draw(st.sampled_from(places))
        if not isinstance(here[place], dict | list) or draw(st.booleans()):
            here[place] = draw(JSON)
            break
        here = here[place]
    return body


@settings(max_examples=60, deadline=None)
@given(damaged() | st.dictionaries(st.sampled_from(["P8687", *reader.NAMES]) | WORDS, JSON, max_size=5))
def test_no_body_breaks_the_reader_or_makes_a_count_of_another(body):
    item = reader.read("Q1", body)
    for count in item.counts:
        assert 0 <= count.followers <= reader.MOST_FOLLOWERS
        assert len({target.platform for target in count.targets}) == 1
        assert count.day.year >= reader.FIRST_YEAR
    assert all(str(left.why) in WHY for left in item.left)


def test_names_are_compared_as_the_platforms_do():
    same = [
        (Target("facebook", "Ex.ample"), Target("facebook", "example")),
        (Target("x", "ExampleMin"), Target("x", "examplemin")),
        (Target("youtube", "", "UCa"), Target("youtube", "name", "UCa")),
    ]
    other = [
        (Target("x", "ex.ample"), Target("x", "example")),
        (Target("x", "examplemin"), Target("telegram", "examplemin")),
        (Target("x", "1"), Target("x", "", "1")),
    ]
    assert all(reader.keys([a]) & reader.keys([b]) for a, b in same)
    assert not any(reader.keys([a]) & reader.keys([b]) for a, b in other)
