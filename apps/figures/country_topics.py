"""Topics of the page on the country, in order, each with the figures that belong to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.context.models import ADVERTISING_REACH, AUDIENCE, KAZAKHSTAN, IndicatorValue

WORLD: Final = "World"


class Shape(StrEnum):
    """How a topic is drawn: as lines over time, or as bars side by side."""

    LINES = "lines"
    BARS = "bars"


class Order(StrEnum):
    """How bars follow each other."""

    SIZE = "size"
    TIME = "time"
    NAME = "name"


@dataclass(frozen=True)
class Topic:
    """A part of the page: which recorded values it shows, and which of them its chart draws."""

    key: str
    title: str | Promise
    about: str | Promise
    indicators: tuple[str, ...]
    geo: str = KAZAKHSTAN
    drawn: tuple[str, ...] = ()  # indicators in the chart; all of them where empty
    shape: Shape = Shape.BARS
    order: Order = Order.SIZE
    is_one_measure: bool = (
        False  # every source of it counts in the same way, so a line may go from one to the next
    )
    reach_only: bool | None = None  # of the platforms' audiences: advertising reach, or everything else

    def holds(self, value: IndicatorValue) -> bool:
        if value.indicator.key not in self.indicators or value.geo != self.geo:
            return False
        is_reach = value.indicator.key == AUDIENCE and value.segment.startswith(ADVERTISING_REACH)
        return self.reach_only is None or self.reach_only == is_reach

    def draws(self, value: IndicatorValue) -> bool:
        return not self.drawn or value.indicator.key in self.drawn


TOPICS: Final = (
    Topic(
        "people",
        _("Population and Internet users"),
        _("Sources count Internet users differently: a line joins figures of one source only."),
        ("population", "internet_users", "people_offline"),
        drawn=("population", "internet_users"),
        shape=Shape.LINES,
    ),
    Topic(
        "online",
        _("Share of people online"),
        _("Internet users as a share of the population. A line joins figures of one source only."),
        ("internet_penetration",),
        shape=Shape.LINES,
    ),
    Topic(
        "social",
        _("Users of social networks"),
        _("Sources may count user identities, not people: somebody with two accounts is then counted twice."),
        ("social_media_users", "social_media_penetration"),
        drawn=("social_media_users",),
        order=Order.TIME,
    ),
    Topic(
        "reach",
        _("Advertising reach of the platforms"),
        _(
            "How many people an advertisement can be shown to, by the platform's own tools. Reach in the standings is "
            "measured by it. TikTok's figure of 2022 counts adults only."
        ),
        (AUDIENCE,),
        shape=Shape.LINES,
        is_one_measure=True,
        reach_only=True,
    ),
    Topic(
        "audience",
        _("Audience of the platforms, other measures"),
        _(
            "Accounts, active users, statements of the platforms: measures differ tenfold and are not compared."
        ),
        (AUDIENCE,),
        reach_only=False,
    ),
    Topic(
        "women-and-men",
        _("Women and men in the advertising audience"),
        _("Shares in the audience that an advertisement can be shown to."),
        ("platform_audience_female", "platform_audience_male"),
        order=Order.NAME,
    ),
    Topic(
        "use",
        _("Who uses which platform"),
        _("A survey: several answers were possible."),
        ("platform_use",),
    ),
    Topic(
        "news",
        _("Where people get their news"),
        _("Two surveys, which may have asked differently; several answers were possible."),
        ("news_medium_use",),
    ),
    Topic(
        "news-platforms",
        _("News from social platforms"),
        _("Share of respondents who use the platform as a source of news."),
        ("news_use",),
    ),
    Topic(
        "news-ages",
        _("News from social networks, by age"),
        _("Share of each age group that names social networks as a source of news."),
        ("social_news_use_by_age",),
        order=Order.NAME,
    ),
    Topic(
        "time",
        _("Time spent online in the world"),
        _("Averages of the whole world, for comparison."),
        ("internet_minutes_per_day", "social_media_minutes_per_day", "population", "social_media_users"),
        geo=WORLD,
        drawn=("internet_minutes_per_day", "social_media_minutes_per_day"),
    ),
    Topic(
        "traffic",
        _("Share of mobile traffic"),
        _("Traffic of one mobile operator."),
        ("mobile_traffic_share",),
    ),
    Topic(
        "budget",
        _("The state's information budget"),
        _("The ministry's request for five years, as the study prints it; what was spent is not recorded."),
        ("state_information_order",),
        order=Order.TIME,
    ),
)
OTHER: Final = Topic(
    "other", _("Other figures"), _("Recorded figures that belong to none of the topics above."), ()
)


def sort_into_topics(values: Iterable[IndicatorValue]) -> list[tuple[Topic, list[IndicatorValue]]]:
    """Return the topics that have values, in the order of the page; what fits nowhere comes last."""
    held: dict[str, list[IndicatorValue]] = {}
    for value in values:
        topic = next((topic for topic in TOPICS if topic.holds(value)), OTHER)
        held.setdefault(topic.key, []).append(value)
    topics: Sequence[Topic] = (*TOPICS, OTHER)
    return [(topic, held[topic.key]) for topic in topics if topic.key in held]
