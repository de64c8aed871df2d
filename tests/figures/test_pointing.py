"""What a chart tells of a point, in every view: the number with its bound, how exact it is, its source and its day."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils.translation import override

from apps.figures import areas, bars, bump, country_charts, lines, slope
from apps.figures.country_topics import TOPICS
from apps.standings import ranks, shares
from apps.standings.ranks import Place, Ranked
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_snapshot
from tests.figures.made import league, points, row, series, trend, value
from tests.figures.test_country import value as figure_of

DAY = date(2026, 11, 20)
ABOUT = {"bound": ">", "precision": "abbrev", "source": "koshkenov2022"}


def drawn_league():
    rows = [
        row(f"body-{place}", f"Body {place}", value(10_000, 2017, **ABOUT), value(12_000 + place, **ABOUT))
        for place in range(3)
    ]
    return league([replace(one, is_reference=place == 0) for place, one in enumerate(rows)])


def drawn_trend():
    return trend(
        *(series(f"body-{place}", points(DAY, [12_000] * 3, step=1000, **ABOUT)) for place in range(2))
    )


def drawn_ranks():
    place = Place(DAY, 1, 12_000, True, 3, False, ">", "abbrev", "koshkenov2022")
    return bump.bump([Ranked("a", "A", "A", "A", "facebook", (place,))], [DAY])


VIEWS = {
    "lines": lambda: lines.lines(drawn_trend()),
    "areas": lambda: areas.areas(drawn_trend(), shares.shares(drawn_trend())),
    "slope": lambda: slope.slope(drawn_league()),
    "bars": lambda: bars.bars(drawn_league()),
    "ranks": drawn_ranks,
    "country": lambda: country_charts.build_chart(TOPICS[0], [figure_of("12000", 2022, key="population", unit="people", bound=">", of="Book")]),
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_tells_the_number_its_bound_and_its_source(view):
    with override("en"):
        told = [
            text
            for trace in VIEWS[view]()["data"]
            for text in [*(trace.get("hovertext") or ()), trace.get("hovertemplate") or ""]
            if text
        ]
    assert told
    for text in told:
        source = "Book" if view == "country" else "Source: koshkenov2022"
        assert source in text, text
        if view != "areas":  # which tells a share
            assert "more than 12," in text or "more than 10,000" in text, text
        if view != "country":
            assert "Abbreviated" in text or "rounded" in text.lower(), text
        assert "202" in text or "2017" in text, text


@pytest.mark.django_db
def test_a_rank_carries_the_bound_the_coarsest_precision_and_the_sources_of_its_parts():
    actor = make_actor("a")
    for handle, precision, bound in [("one", "exact", "="), ("two", "abbrev", ">")]:
        account = make_account(actor, handle=handle, platform="telegram")
        make_snapshot(account, DAY, 1000, precision=precision, bound=bound)
    (line,) = ranks.ranks(Scope(platform="telegram"), [DAY])
    place = line.places[0]
    assert (place.followers, place.bound, place.precision) == (2000, ">", "abbrev")
    assert place.source == account.snapshots.get().source.key
