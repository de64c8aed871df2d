"""Ranks over time in words: no climb is the biggest that another may equal."""

from datetime import date

import pytest

from apps.figures import moves
from apps.standings.ranks import Place, Ranked

FIRST, LAST = date(2026, 1, 1), date(2026, 2, 1)


def line(slug, before, now, *, of=3, is_open=False):
    places = (Place(FIRST, before, 9, True, of), Place(LAST, now, 9, True, of, is_open))
    return Ranked(slug, slug, slug, slug, "facebook", places)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([line("a", 3, 1), line("b", 1, 2), line("c", 2, 3)], "Biggest climb since"),
        ([line("a", 3, 1, of=9), line("b", 1, 2, of=9)], "Biggest climb of those shown since"),
        ([line("a", 3, 2), line("b", 2, 1), line("c", 1, 3)], ""),  # two rose alike
        ([line("a", 3, 1), line("b", 1, 2, is_open=True), line("c", 2, 3)], ""),
        ([line("a", 1, 1), line("b", 2, 2)], ""),
    ],
)
def test_the_biggest_climb(lines, said):
    text = moves.riser(lines, [FIRST, LAST])
    assert text.startswith(said)
    assert bool(text) == bool(said)


def test_who_was_first_is_open_where_the_rank_is():
    assert moves.first([line("a", 1, 1), line("b", 2, 2)], LAST).endswith(": a.")
    said = moves.first([line("a", 1, 1, is_open=True), line("b", 2, 2, is_open=True)], LAST)
    assert "is open" in said


def test_a_rank_is_said_with_how_many_it_is_among():
    (said,) = moves.own([line("a", 3, 1, is_open=True)])
    assert said.startswith("Facebook: rank 1? of 3 (")
    assert "earlier 3 of 3" in said
    assert moves.table([line("a", 3, 1, is_open=True)], [FIRST, LAST]).rows[0].cells == ("3", "1?")
