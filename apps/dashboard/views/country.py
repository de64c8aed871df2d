"""Social media in the country: the recorded context figures as charts, tables, sentences and files."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.context.models import IndicatorValue
from apps.dashboard.downloads import File
from apps.dashboard.forms import PageForm
from apps.dashboard.links import exports
from apps.figures import country
from apps.figures.charts import Figure
from apps.figures.country_charts import build_chart
from apps.figures.country_topics import Topic, sort_into_topics
from apps.registry.models import Source


@dataclass(frozen=True)
class Panel:
    """A topic of the page with all that stands in it."""

    topic: Topic
    figure: Figure | None
    sentences: list[str]
    differences: list[str]  # where sources disagree, a sentence each
    rows: list[country.TableRow]
    file: File

    @property
    def description(self) -> str:
        return " ".join([str(self.topic.title) + ".", *self.sentences])


@require_safe
def context(request: HttpRequest) -> HttpResponse:
    """Show every recorded figure about the country and, beside them, the world."""
    values = list(IndicatorValue.objects.with_source())
    return render(
        request,
        "dashboard/country.html",
        {
            "form": PageForm(request.GET),
            "panels": [build_panel(topic, held) for topic, held in sort_into_topics(values)],
            "everything": File("", exports("indicators", None), len(values)),
            "sources": name_sources(values),
        },
    )


def build_panel(topic: Topic, values: Sequence[IndicatorValue]) -> Panel:
    keys = sorted({value.indicator.key for value in values})
    geo = {value.geo for value in values}
    links = exports("indicators", None, indicator=keys, geo=geo.pop() if len(geo) == 1 else "")
    return Panel(
        topic=topic,
        figure=build_chart(topic, values),
        sentences=country.build_sentences(topic, values),
        differences=country.say_differences(values),
        rows=country.build_table(topic, values),
        file=File(str(topic.title), links, len(values)),
    )


def name_sources(values: Sequence[IndicatorValue]) -> list[Source]:
    """Return the sources of the values, each once, by title."""
    sources = {value.source_id: value.source for value in values}
    return sorted(sources.values(), key=lambda source: source.title)
