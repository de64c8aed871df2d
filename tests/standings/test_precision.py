from collections import Counter
from itertools import combinations_with_replacement

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.standings import precision


@pytest.mark.parametrize(
    ("value", "written", "step"),
    [
        (0, "exact", 1),
        (76_000, "exact", 1),
        (999, "3sf", 1),
        (1_230, "3sf", 10),
        (1_230_000, "3sf", 10_000),
        (76_000, "abbrev", 1_000),
        (100_000, "abbrev", 1_000),
        (9_800, "abbrev", 100),
        (1_200_000, "abbrev", 100_000),
        (1_000_000, "abbrev", 100_000),
        (12_000_000, "abbrev", 1_000_000),
        (523, "abbrev", 1),
        (0, "abbrev", 1),
        (39_000, "printed", 1_000),
        (10_000, "printed", 1_000),
        (570, "printed", 10),
        (25_173, "printed", 1),
        (20, "printed", 1),
        (5, "printed", 1),
        (0, "printed", 1),
    ],
)
def test_the_step_is_the_last_figure_and_never_coarser_than_the_second(value, written, step):
    assert precision.step(value, written) == step


def test_one_follower_more_is_a_change_between_exact_counts_only():
    assert precision.tolerance(1, 1, exact=True) == 0
    assert precision.tolerance(1, 1, exact=False) == 2
    assert precision.tolerance(1000, 1, exact=False) == 1001


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        ("=", "=", "="),
        ("=", ">", ">"),
        ("=", "<", "<"),
        ("=", "~", "~"),
        (">", "=", "<"),
        (">", ">", "~"),
        (">", "<", "<"),
        (">", "~", "~"),
        ("<", "=", ">"),
        ("<", ">", ">"),
        ("<", "<", "~"),
        ("<", "~", "~"),
        ("~", "=", "~"),
        ("~", ">", "~"),
        ("~", "<", "~"),
        ("~", "~", "~"),
    ],
)
def test_a_change_from_or_to_a_bound_is_a_bound(then, now, change):
    assert precision.of_change(then, now) == change


def test_the_bound_of_a_sum():
    assert precision.of_sum() == "="
    assert precision.of_sum("=", ">", "=") == ">"
    assert precision.of_sum(">", "<") == "~"
    assert precision.of_sum("~", "<") == "~"


def test_the_precision_of_a_sum_is_the_coarsest():
    assert max(["3sf", "exact"], key=precision.place) == "3sf"
    assert max(["abbrev", "printed", "3sf"], key=precision.place) == "printed"


@pytest.mark.django_db
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9999).flatmap(lambda head: st.integers(0, 6).map(lambda n: head * 10**n)),
            st.sampled_from(["exact", "3sf", "abbrev", "printed"]),
        ),
        min_size=1,
        max_size=50,
    )
)
def test_the_database_reckons_the_same_steps(pairs):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg({precision.step_sql('v', 'p')} ORDER BY place)"  # noqa: S608 our own words
            " FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS given(v, p, place)",
            [[v for v, _ in pairs], [p for _, p in pairs]],
        )
        assert cursor.fetchone()[0] == [precision.step(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("own", "others", "bound"),
    [
        ("=", "==", "="),
        (">", "", "="),  # all of the sum
        (">", "==", ">"),
        (">", "=>", "~"),
        ("=", "=>", "<"),
        ("=", "<", ">"),
        (">", "<", ">"),
        ("~", "=", "~"),
    ],
)
def test_a_share_is_bounded_by_its_own_count_and_by_all_others(own, others, bound):
    assert precision.of_share(own, Counter([own, *others])) == bound


@pytest.mark.django_db
def test_the_database_joins_bounds_the_same_way():
    samples = [
        (own, Counter([own, *others]))
        for own in precision.BOUNDS
        for size in range(3)
        for others in combinations_with_replacement(precision.BOUNDS, size)
    ]
    counted = [
        (precision.BITS[own], more, less, sum(often.values()))
        for own, often in samples
        for more, less in [[sum(n for b, n in often.items() if precision.BITS[b] & bit) for bit in (1, 2)]]
    ]
    share = precision.of_share_sql("own", more="more", less="less", counted="n")
    change = precision.of_change_sql("more & 3", "own")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg({precision.bound_sql(share)} ORDER BY place),"  # noqa: S608 our own words
            f" array_agg({precision.bound_sql(change)} ORDER BY place)"
            " FROM unnest(%(own)s::int[], %(more)s::int[], %(less)s::int[], %(n)s::int[])"
            " WITH ORDINALITY AS given(own, more, less, n, place)",
            dict(zip(("own", "more", "less", "n"), map(list, zip(*counted, strict=True)), strict=True)),
        )
        shares, changes = cursor.fetchone()
    assert shares == [precision.of_share(own, often) for own, often in samples]
    assert changes == [
        precision.of_change(precision.BOUNDS[more & 3], precision.BOUNDS[own]) for own, more, _, _ in counted
    ]
