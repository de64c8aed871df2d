"""Named reads of context."""

from datetime import date

import pytest
from django.core.management import call_command

from apps.common.tables import write_date
from apps.context.models import Indicator, IndicatorValue
from apps.snapshots.models import Span
from tests.builders import make_source

pytestmark = pytest.mark.django_db


def make_value(observed, value, span=Span.DAY, **fields):
    indicator, _made = Indicator.objects.get_or_create(
        key=fields.pop("key", "platform_audience"), defaults={"label_en": "Audience", "unit": "people"}
    )
    values = {"geo": "KZ", "platform": "facebook", "segment": "advertising reach", "source": make_source()}
    return IndicatorValue.objects.create(
        indicator=indicator, day=date.fromisoformat(observed), span=span, value=value, **(values | fields)
    )


def audience(on, **fields):
    found = IndicatorValue.objects.audience("facebook", date.fromisoformat(on), **fields)
    return found and int(found.value)


def test_audience_is_the_newest_at_or_before_the_day():
    make_value("2022-01-01", 1, Span.MONTH)
    make_value("2023-01-01", 2, Span.MONTH)
    assert audience("2021-12-31") is None
    assert audience("2022-01-01") == 1
    assert audience("2022-12-31") == 1
    assert audience("2023-01-01") == 2
    assert audience("2030-01-01") == 2


def test_the_narrower_span_speaks_when_both_begin_on_the_day():
    make_value("2022-01-01", 1, Span.YEAR)
    make_value("2022-01-01", 2, Span.DAY)
    make_value("2022-01-01", 3, Span.MONTH)
    assert audience("2022-06-01") == 2


def test_audience_of_one_measure_platform_country_and_indicator():
    make_value("2022-01-01", 1, segment="active users")
    make_value("2022-01-02", 2, platform="instagram")
    make_value("2022-01-03", 3, geo="World")
    make_value("2022-01-04", 4, key="platform_use")
    assert audience("2022-06-01") is None
    assert audience("2022-06-01", segment="active users") == 1
    assert audience("2022-06-01", geo="World") == 3


def test_audience_of_table_2s_year(django_assert_num_queries):
    call_command("load_reference", verbosity=0)
    assert audience("2022-01-01") == 2_300_000
    with django_assert_num_queries(1):
        found = IndicatorValue.objects.audience("facebook", date(2022, 1, 1))
        assert (found.source.key, found.indicator.unit) == ("koshkenov2022", "people")
    assert audience("2017-01-01") is None
    assert audience("2017-01-01", segment="active users") == 3_100_000


@pytest.mark.parametrize(
    ("span", "text"), [(Span.YEAR, "2017"), (Span.MONTH, "2017-06"), (Span.DAY, "2017-06-01"), (None, "")]
)
def test_dates_are_written_by_their_span(span, text):
    assert write_date(date(2017, 6, 1), span) == text
