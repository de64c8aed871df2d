import pytest

from apps.context.models import Indicator, IndicatorValue
from apps.snapshots.models import Span
from tests.builders import make_account, make_actor, make_group, make_snapshots, make_source

TABLE = {
    "abenov": (39_000, 64_000),
    "president-press-office": (31_000, 76_000),
    "prime-minister-website": (18_600, 55_000),
    "prosecutor-general": (11_700, 23_000),
    "ministry-defense": (9_600, None),
    "ministry-labor": (570, 10_000),
}


@pytest.fixture
def table2(db):
    """Make table 2 of Koshkenov & Moldabayev 2022, with the audiences of Facebook; the group is abenov-vs-agencies."""
    source = make_source("koshkenov2022", "publication")
    actors = []
    for slug, (then, now) in TABLE.items():
        actors.append(make_actor(slug, "blogger" if slug == "abenov" else "state_body"))
        make_snapshots(
            make_account(actors[-1]), {"2017": then, "2022": now}, precision="printed", source=source
        )
    make_group("abenov-vs-agencies", actors, reference=actors[0], platform="facebook")
    audience = Indicator.objects.create(key="platform_audience", label_en="Platform audience", unit="people")
    for segment, observed, span, value in [
        ("accounts created", "2017-01-01", Span.YEAR, 4_000_000),
        ("active users", "2017-01-01", Span.YEAR, 3_100_000),
        ("advertising reach", "2022-01-01", Span.MONTH, 2_300_000),
        ("advertising reach", "2023-01-01", Span.MONTH, 2_000_000),
    ]:
        IndicatorValue.objects.create(
            indicator=audience,
            geo="KZ",
            platform="facebook",
            segment=segment,
            day=observed,
            span=span,
            value=value,
            source=source,
            locator="Section 3.1",
        )
