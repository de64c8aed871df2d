"""Sentences claim no more than the record: each clause is held against the snapshots of random worlds."""

import re
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.figures import comparing, formats, passes, sentences
from apps.standings.comparison import View, view
from apps.standings.league import league
from apps.standings.trends import trend
from apps.standings.types import Overtake, Scope
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots
from tests.standings import oracle
from tests.standings.test_oracle import DAYS, stored, worlds

pytestmark = pytest.mark.django_db
looks = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)


def compared(first=None, last=date(2026, 12, 31)):
    lines = trend(Scope(platform="facebook"), first, last)
    return comparing.summary(lines, view(lines, View.FOLLOWERS), View.FOLLOWERS, None)


def test_a_range_that_hides_the_reverse_order_claims_the_dates_shown_alone():
    """In 2017 the order was the other way round; the chart of later years does not know it."""
    for slug, counts in {"a": (5, 9, 9), "b": (8, 7, 7)}.items():
        make_snapshots(make_account(slug), dict(zip(("2017", "2022", "2023"), counts, strict=True)))
    (said, *_) = compared(date(2022, 1, 1))
    assert said.endswith("and has not been behind on any date shown.")
    (said, *_) = compared()
    assert said.endswith("and has not been behind in any count since 2022.")
    assert not re.search("all the time|ahead since", said)


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        ("exact", "On Facebook, a en and b en have the same recorded count (2022)."),
        (
            "printed",
            "On Facebook, a en and b en are too close to call: the difference is smaller than the rounding of their counts (2022).",
        ),
    ],
)
def test_two_equal_rounded_counts_are_not_level(precision, said):
    for slug in "ab":
        make_snapshot(make_account(slug), "2022", 39_000, precision=precision)
    assert sentences.leads(league(Scope(platform="facebook"), date(2022, 12, 31)), "facebook") == said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "On all platforms together, "),
        ("ru", "В сумме по всем площадкам"),
        ("kk", "Барлық платформаның қосындысы"),
    ],
)
def test_a_sum_is_of_all_platforms_together(language, words):
    for slug, count in {"a": 9, "b": 5}.items():
        actor = make_actor(slug)
        for platform in ("facebook", "x"):
            make_snapshot(make_account(actor, platform), "2022", count)
    with translation.override(language):
        assert sentences.leads(league(Scope(), date(2022, 12, 31)), "").startswith(words)


def test_a_lead_is_open_where_a_third_may_have_more():
    for slug, count in (("a", 300), ("b", 200)):
        make_snapshot(make_account(slug), "2022", count)
    said = "Who is first is open: a bound, rounding or a missing account leaves open who has more."
    day = date(2022, 12, 31)
    assert said not in sentences.summary(league(Scope(), day), "facebook")
    make_snapshot(make_account("c"), "2022", 100, bound=">")
    assert sentences.summary(league(Scope(), day), "facebook")[1] == said
    assert sentences.lead(league(Scope(), day), "facebook").endswith(f" (2022). {said}")


def test_a_sum_that_lacks_an_account_is_at_least_so_much():
    actor = make_actor("a")
    make_snapshot(make_account(actor), "2022", 300)
    make_snapshot(make_account(actor, "x"), "2022", state="hidden")
    assert "at least 300 follows" in sentences.only(league(Scope(), date(2022, 12, 31)), "")


def test_the_largest_gain_is_claimed_only_beyond_rounding_and_bounds():
    made = {"a": ({"2017": 10_000, "2022": 20_000}, {}), "b": ({"2017": 10_000, "2022": 15_000}, {})}
    for slug, (counts, fields) in made.items():
        make_snapshots(make_account(slug), counts, **fields)
    standing = lambda: league(Scope(platform="facebook"), date(2022, 12, 31), date(2017, 12, 31))  # noqa: E731
    assert sentences.gain(standing()) == "a en gained the most between 2017 and 2022: +10,000."
    rounded = make_account("c")
    make_snapshots(rounded, {"2017": 10_000, "2022": 19_000}, precision="printed")
    assert sentences.gain(standing()) == "", "its +9,000 may be +10,999"


def passed(*windows):
    return [
        Overtake(winner, loser, "x", date(2026, 1, after), date(2026, 1, by), spans=False)
        for winner, loser, after, by in windows
    ]


def test_two_that_pass_each_other_again_and_again_are_told_as_one_line():
    names = {"a": "A", "b": "B", "c": "C"}
    again = [("a", "b", 9, 10), ("b", "a", 6, 7), ("a", "b", 2, 3)]
    said = passes.overtakes(passed(("c", "a", 20, 21), *again), names)
    assert [text.replace("\xa0", " ") for text in said] == [
        "C overtook A on X between 20 Jan 2026 and 21 Jan 2026.",
        "On X, A and B passed each other 3 times between 2 Jan 2026 and 10 Jan 2026; ahead after the last: A.",
    ]
    assert len(passes.overtakes(passed(*again[:2]), names)) == 2


@looks
@given(worlds(), st.sampled_from([*DAYS, date(2024, 12, 31)]), st.sampled_from(DAYS), st.booleans())
def test_who_leads_and_who_gained_is_what_the_record_says(world, on, since, is_period):
    """Whatever is claimed of two holds at both ends of what bounds and rounding leave open."""
    since = min(since, on - timedelta(days=1))
    with stored(world):
        found = league(Scope(platform="facebook"), on, since, is_period=is_period)
        leads, gain = sentences.leads(found, "facebook"), sentences.gain(found)
    expected = oracle.league(world, on=on, since=since, platform="facebook", is_period=is_period)
    rows = {line["actor"].slug: line for line in expected["rows"]}
    if match := re.match(r"On Facebook, (\S+) leads (\S+) by", leads):
        ahead, behind = (rows[slug]["now"] for slug in match.groups())
        assert ahead["followers"] > behind["followers"]
        about = "~" in (ahead["bound"], behind["bound"])
        assert oracle.is_certain(ahead, behind) or (
            about
            and "by about" in leads
            and ahead["followers"] - behind["followers"] > ahead["followers"] // 5
        )
    if match := re.match(r"On Facebook, (\S+) and (\S+) have the same", leads):
        one, other = (rows[slug]["now"] for slug in match.groups())
        assert one["followers"] == other["followers"]
        assert one["precision"] == other["precision"] == "exact"
    if match := re.match(r"(\S+) gained the most between (.+) and (.+): ", gain):
        change = rows[match[1]]["change"]
        assert (match[2], match[3]) == (formats.span(*change["since"]), formats.span(*change["until"]))
        others = [row["change"] for slug, row in rows.items() if slug != match[1] and row["change"]]
        assert all(other["absolute"] < change["absolute"] for other in others)
        assert not any(other["bound"] in ">~" and other["absolute"] > 0 for other in others)
        if is_period:
            assert all(
                oracle.is_near(row["sides"][0]["stalest"], since, on)
                for row in rows.values()
                if row["change"]
            )
