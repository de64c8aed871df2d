"""The file of context figures: its columns, its rows, its form."""

from typing import Any

from django.http import QueryDict

from apps.context.models import Indicator, IndicatorValue
from apps.exports.columns import Column, columns_of
from apps.exports.forms import ExportForm, SomeField
from apps.exports.statements import Statement

INDICATORS: tuple[Column, ...] = columns_of("""
    indicator label unit geo platform segment day:day span bound value:decimal source locator note
""")
OF_ACTORS = (
    "kind",
    "region",
    "group",
    "actor",
    "q",
)  # parameters that choose actors, which figures do not have
LABELS = {
    "ru": "COALESCE(NULLIF(i.label_ru, ''), i.label_en)",
    "kk": "COALESCE(NULLIF(i.label_kk, ''), i.label_en)",
}


def indicator_keys() -> list[tuple[str, str]]:
    return [(key, key) for key in Indicator.objects.values_list("key", flat=True)]


def places() -> list[tuple[str, str]]:
    return [
        (geo, geo) for geo in IndicatorValue.objects.order_by("geo").values_list("geo", flat=True).distinct()
    ]


class IndicatorsForm(ExportForm):
    """Figures are of a country: they have no actors, groups or regions."""

    indicator = SomeField(indicator_keys)
    geo = SomeField(places)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        for name in OF_ACTORS:
            del self.fields[name]

    def statement(self) -> Statement:
        chosen = self.cleaned_data
        return statement(chosen["indicator"], chosen["geo"], chosen["platform"], self.language)


def statement(keys: list[str], geos: list[str], platform: str, language: str) -> Statement:
    """Select the values by indicator, place, platform, measure and day; empty choices choose everything."""
    joined = """FROM context_indicatorvalue v JOIN context_indicator i ON i.id = v.indicator_id
        JOIN tracking_source s ON s.id = v.source_id"""
    conditions, parameters = ["TRUE"], list[Any]()
    for sql, value in (("i.key = ANY(%s)", keys), ("v.geo = ANY(%s)", geos), ("v.platform = %s", platform)):
        if value:
            conditions.append(sql)
            parameters.append(value)
    counted = f"{joined} WHERE {' AND '.join(conditions)}"
    sql = f"""
        SELECT i.key AS indicator, {LABELS.get(language, "i.label_en")} AS label, i.unit, v.geo, v.platform, v.segment,
            v.day, CASE v.span WHEN 1 THEN 'year' WHEN 2 THEN 'month' ELSE 'day' END AS span, v.bound,
            round(v.value, v.decimals) AS value, s.key AS source, v.locator, v.note
        {counted}
        ORDER BY i.key COLLATE "C", v.geo COLLATE "C", v.platform COLLATE "C", v.segment COLLATE "C", v.day, v.span,
            s.key COLLATE "C", v.id"""
    return Statement(INDICATORS, sql, tuple(parameters), counted, counted, tuple(parameters))
