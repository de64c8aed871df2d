"""Short names: read once a request, in the page's language, and only there."""

import re

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from apps.figures import labels
from apps.figures.short_names import ShortNames
from apps.registry.models import Alias
from tests.builders import make_account, make_actor, make_snapshots

pytestmark = pytest.mark.django_db


@pytest.fixture
def health():
    actor = make_actor(
        name_en="Ministry of Health of Kazakhstan",
        name_ru="Министерство здравоохранения Республики Казахстан",
    )
    Alias.objects.create(actor=actor, text="Минздрав", language="ru", kind="short")
    Alias.objects.create(actor=actor, text="МЗ", language="ru", kind="spelling")
    return actor


def within_a_request(ask):
    return ShortNames(lambda request: ask())(RequestFactory().get("/"))


def test_one_statement_a_request(health):
    def ask():
        with override("ru"):
            return [labels.short(health.name_ru), labels.short(health.name_ru), labels.short("Кто-то")]

    with CaptureQueriesContext(connection) as asked:
        assert within_a_request(ask) == ["Минздрав", "Минздрав", "Кто-то"]
    assert len(asked) == 1


def test_where_a_language_has_none_the_country_is_left_out(health):
    with override("en"):
        assert within_a_request(lambda: labels.short(health.name_en)) == "Ministry of Health"


def test_outside_a_request_nothing_is_asked(health):
    with override("ru"), CaptureQueriesContext(connection) as asked:
        assert labels.short(health.name_ru) == "Министерство здравоохранения РК"
    assert len(asked) == 0


def test_a_hidden_actors_short_name_is_not_told(health):
    type(health).objects.update(hidden=True)
    with override("ru"):
        assert within_a_request(lambda: labels.short(health.name_ru)) == "Министерство здравоохранения РК"


def test_a_chart_bears_short_names(client, health):
    make_snapshots(make_account(health), {"2026-11-01": 50, "2026-11-20": 60})
    make_snapshots(make_account("other"), {"2026-11-01": 40, "2026-11-20": 41})
    page = client.get("/ru/standings/?platform=facebook&view=bars").content.decode()
    charts = re.findall(r'<script id="[^"]+" type="application/json">(.*?)</script>', page)
    assert any("Минздрав" in chart for chart in charts)
    assert not any("здравоохранения РК" in chart for chart in charts)
