"""Figures about the country: written as printed, never mixed, sources side by side."""

from datetime import date
from decimal import Decimal

import plotly.graph_objects as go
import pytest
from django.utils.translation import override

from apps.context.models import Indicator, IndicatorValue
from apps.figures import country
from apps.figures.country_charts import build_chart
from apps.figures.country_topics import OTHER, TOPICS, sort_into_topics
from apps.registry.models import Source
from apps.snapshots.models import Span

ONLINE = next(topic for topic in TOPICS if topic.key == "online")
REACH = next(topic for topic in TOPICS if topic.key == "reach")
NEWS = next(topic for topic in TOPICS if topic.key == "news")
INDICATORS = {}
SOURCES = {}


def indicator(key, unit="people"):
    return INDICATORS.setdefault(
        (key, unit), Indicator(pk=len(INDICATORS) + 1, key=key, label_en=key.capitalize(), unit=unit)
    )


def source(key):
    return SOURCES.setdefault(key, Source(pk=len(SOURCES) + 1, key=key, title=key, authors=key, year=2022))


def value(number, year=2022, *, key="internet_penetration", unit="percent", bound="=", of="Book", **fields):
    printed = Decimal(number)
    return IndicatorValue(
        indicator=indicator(key, unit),
        source=source(of),
        geo=fields.pop("geo", "KZ"),
        value=printed,
        decimals=max(-printed.as_tuple().exponent, 0),
        bound=bound,
        day=date(year, 1, 1),
        span=Span.YEAR,
        **fields,
    )


@pytest.mark.parametrize(
    ("item", "en", "ru"),
    [
        (value("11.00"), "11.00%", "11,00\u00a0%"),
        (value("61.90662766"), "61.90662766%", "61,90662766\u00a0%"),
        (value("16900000", unit="people", bound=">"), "more than 16,900,000", "более 16\u00a0900\u00a0000"),
        (value("409", unit="minutes per day"), "6 h 49 min", "6 ч 49 мин"),
        (value("59", unit="minutes per day"), "59 min", "59 мин"),
        (value("50130577", unit="thousand tenge"), "50,130,577", "50\u00a0130\u00a0577"),
    ],
)
def test_a_number_stands_as_its_source_prints_it(item, en, ru):
    with override("en"):
        assert country.write_number(item) == en
    with override("ru"):
        assert country.write_number(item) == ru


def test_a_line_joins_figures_of_one_source_and_one_measure():
    values = [value("10", 2001), value("20", 2002), value("21", 2002, of="Other"), value("30", 2003)]
    lines = country.build_lines(ONLINE, values)
    assert [[str(item.value) for item in line.values] for line in lines] == [["10", "20", "30"], ["21"]]


def test_reach_is_one_measure_of_several_sources_but_never_mixed_with_another():
    def reach(number, year, segment, of):
        return value(
            number, year, key="platform_audience", unit="people", platform="tiktok", segment=segment, of=of
        )

    values = [
        reach("7260000", 2022, "advertising reach 18+", "Book"),
        reach("10410000", 2023, "advertising reach", "Book"),
        reach("11000000", 2024, "advertising reach", "Other"),
        reach("5", 2024, "active users", "Other"),
    ]
    topics = dict(sort_into_topics(values))
    lines = country.build_lines(REACH, topics[REACH])
    assert [len(line.values) for line in lines] == [1, 2]
    assert [
        str(item.value) for topic, held in topics.items() if topic.key == "audience" for item in held
    ] == ["5"]


@pytest.mark.parametrize(
    ("one", "other", "does"),
    [
        (value("34"), value("34.3"), True),
        (value("34"), value("31.6"), False),
        (value("4.02"), value("8.5"), False),
        (value("14000000", bound="~"), value("13997423"), True),
        (value("14000000", bound=">"), value("14627287"), True),
        (value("14000000", bound=">"), value("12000001"), False),
        (value("2.65"), value("2.65039"), True),
        (value("0"), value("0"), True),
    ],
)
def test_sources_agree_as_coarsely_as_they_are_written(one, other, does):
    assert country.agree(one, other) is does
    assert country.agree(other, one) is does


def test_differences_name_each_source():
    with override("en"):
        said = country.say_differences(
            [value("34", of="A. Pearce"), value("31.6", of="B. Bank"), value("5", 1999)]
        )
    assert said == ["Internet_penetration, 2022: 34% (Pearce 2022); 31.6% (Bank 2022)."]


def test_bars_of_one_name_stand_together_oldest_first():
    def news(number, year, segment):
        return value(number, year, key="news_medium_use", unit="percent of respondents", segment=segment)

    values = [
        news("61", 2022, "television"),
        news("82", 2022, "online"),
        news("53", 2025, "online"),
        news("54.7", 2025, "television"),
    ]
    assert [str(item.value) for item in country.order_bars(NEWS, values)] == ["82", "53", "61", "54.7"]
    with override("en"):
        assert country.build_sentences(NEWS, values) == [
            "2025: Television \N{EN DASH} 54.7%; Online \N{EN DASH} 53%.",
            "2022: Online \N{EN DASH} 82%; Television \N{EN DASH} 61%.",
        ]


def test_a_figure_that_no_topic_knows_is_shown_all_the_same():
    ((topic, held),) = sort_into_topics([value("3", key="radios_per_head", unit="pieces")])
    assert topic is OTHER
    with override("en"):
        assert [row.number for row in country.build_table(topic, held)] == ["3"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)
def test_plotly_takes_every_chart(topic):
    values = [value("10", 2001, key=key, geo=topic.geo, platform="facebook") for key in topic.indicators]
    values += [
        value("200", 2002, key=key, geo=topic.geo, platform="vk", bound=">") for key in topic.indicators
    ]
    figure = build_chart(topic, values)
    go.Figure(data=figure["data"], layout=figure["layout"])
    for shape in ("wide", "narrow"):
        go.Layout(figure["variants"][shape]["linear"])


def test_a_sentence_names_a_unit_that_nobody_would_guess():
    budget = next(topic for topic in TOPICS if topic.key == "budget")
    spent = [
        value(number, year, key="state_information_order", unit="thousand tenge")
        for year, number in ((2020, "50130577"), (2024, "34470631"))
    ]
    with override("en"):
        assert country.build_sentences(budget, spent) == [
            "State_information_order: 2020 – 50,130,577 thousand tenge; 2024 – 34,470,631 thousand tenge."
        ]


def test_a_sentence_from_first_to_last_is_of_one_measure():
    users = next(topic for topic in TOPICS if topic.key == "social")
    rows = [
        value("3300000", 2016, key="social_media_users", unit="people", segment="authors of posts"),
        value("9500000", 2021, key="social_media_users", unit="people"),
        value("16900000", 2025, key="social_media_users", unit="people"),
    ]
    with override("en"):
        [said] = country.build_sentences(users, rows)
        [alone] = country.build_sentences(users, [rows[0], rows[2]])
    assert (("3,300,000" in said), ("9,500,000" in said)) == (False, True)
    assert "3,300,000" not in alone


def test_a_sentence_begins_with_a_capital_letter():
    rows = [value("44", unit="percent of respondents", key="news_use", platform="facebook")]
    for row in rows:
        row.day, row.span = date(2022, 5, 1), Span.MONTH
    news = next(topic for topic in TOPICS if topic.key == "news-platforms")
    with override("ru"):
        assert country.build_sentences(news, rows)[0].startswith("Май\u00a02022: ")
