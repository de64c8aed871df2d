"""Indicators, values, events and claims in the admin."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.snapshots.models import Span
from apps.users.models import User
from tests.builders import make_actor, make_source

pytestmark = pytest.mark.django_db
MODELS = ["indicator", "indicatorvalue", "event", "claim"]


@pytest.fixture
def editor(client):
    client.force_login(User.objects.create_superuser("editor"))
    return client


def make_row(number):
    """Return one more of everything, each with relations of its own."""
    source = make_source(f"source-{number}")
    indicator = Indicator.objects.create(key=f"indicator-{number}", label_en="Indicator", unit="people")
    IndicatorValue.objects.create(
        indicator=indicator, geo="KZ", day=date(2022, 1, 1), span=Span.YEAR, value=number, source=source
    )
    Event.objects.create(
        key=f"event-{number}", starts=date(2022, 1, 1), starts_span=Span.YEAR, title_en="Event", source=source
    )
    Claim.objects.create(
        actor=make_actor(),
        comparator=make_actor(),
        platform="youtube",
        relation="times",
        times=number,
        source=source,
    )
    return indicator


def queries(client, address):
    """Return how many queries the page takes, once the content types are in memory."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def page(model, action="changelist", *args):
    return reverse(f"admin:context_{model}_{action}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_strangers_and_readers_are_sent_to_sign_in(client, model):
    assert client.get(page(model)).status_code == 302
    client.force_login(User.objects.create_user("reader"))
    assert client.get(page(model)).status_code == 302


@pytest.mark.parametrize("model", MODELS)
def test_lists_cost_does_not_grow(editor, model):
    make_row(1)
    few = queries(editor, page(model))
    for number in range(2, 21):
        make_row(number)
    assert queries(editor, page(model)) == few


def test_an_indicators_page_does_not_grow_with_its_values(editor):
    indicator = make_row(1)
    few = queries(editor, page("indicator", "change", indicator.pk))
    for year in range(1990, 2010):
        IndicatorValue.objects.create(
            indicator=indicator,
            geo="KZ",
            day=date(year, 1, 1),
            span=Span.YEAR,
            value=year,
            source=make_source(f"source-{year}"),
        )
    assert queries(editor, page("indicator", "change", indicator.pk)) == few


@pytest.mark.parametrize("model", MODELS)
def test_lists_are_searched_and_add_pages_open(editor, model):
    make_row(1)
    assert editor.get(page(model), {"q": "1"}).status_code == 200
    assert editor.get(page(model, "add")).status_code == 200


def test_dates_are_shown_by_their_span(editor):
    make_row(1)
    for model in ("indicatorvalue", "event"):
        assert ">2022<" in editor.get(page(model)).content.decode()


def test_a_value_is_added_on_its_indicators_page(editor):
    indicator = make_row(1)
    form = {
        "label_en": "Indicator",
        "unit": "people",
        "key": indicator.key,
        "values-TOTAL_FORMS": 1,
        "values-INITIAL_FORMS": 0,
        "values-0-geo": "KZ",
        "values-0-day": "2023-01-01",
        "values-0-span": Span.MONTH,
        "values-0-bound": ">",
        "values-0-value": "12.50",
        "values-0-source": make_source().pk,
        "values-2-TOTAL_FORMS": 1,
        "values-2-INITIAL_FORMS": 1,
        "values-2-0-id": indicator.values.get().pk,
        "values-2-0-indicator": indicator.pk,
    }
    response = editor.post(page("indicator", "change", indicator.pk), form)
    assert response.status_code == 302, response.context["errors"]
    assert [(value.value, value.bound, value.decimals) for value in indicator.values.order_by("day")] == [
        (Decimal(1), "=", 0),
        (Decimal("12.5"), ">", 2),
    ]


def post(editor, model, **fields):
    """Return the form's errors, field by field; nothing when it was saved."""
    response = editor.post(page(model, "add"), fields)
    return dict(response.context["adminform"].form.errors) if response.status_code == 200 else {}


EVENT = {"key": "e", "title_en": "E", "starts": "2022-01-01", "starts_span": Span.YEAR}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, set()),
        ({"ends": "2023-01-01", "ends_span": Span.YEAR}, set()),
        ({"starts": "2022-05-03"}, {"starts"}),
        ({"starts": "2022-05-03", "starts_span": Span.MONTH}, {"starts"}),
        ({"starts": "2022-05-03", "starts_span": Span.DAY}, set()),
        ({"ends": "2023-01-01"}, {"ends_span"}),
        ({"ends_span": Span.YEAR}, {"ends_span"}),
        ({"ends": "2021-01-01", "ends_span": Span.YEAR}, {"__all__"}),
    ],
)
def test_an_events_dates_are_checked(editor, fields, wrong):
    assert post(editor, "event", **(EVENT | fields)).keys() == wrong
    assert Event.objects.count() == (0 if wrong else 1)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"relation": "times", "times": "3"}, set()),
        ({"relation": "more"}, set()),
        ({"relation": "times"}, {"times"}),
        ({"relation": "more", "times": "3"}, {"times"}),
        ({"relation": "more", "itself": True}, {"comparator"}),
    ],
)
def test_a_claims_number_and_comparator_are_checked(editor, fields, wrong):
    actor, other = make_actor(), make_actor()
    comparator = actor if fields.pop("itself", False) else other
    related = {"actor": actor.pk, "comparator": comparator.pk, "source": make_source().pk}
    assert post(editor, "claim", platform="youtube", **related, **fields).keys() == wrong
    assert Claim.objects.count() == (0 if wrong else 1)


def test_values_and_days_stand_in_lists_as_readers_see_them(editor):
    indicator = make_row(1)
    IndicatorValue.objects.update(value=Decimal("15501103"), decimals=0)
    Event.objects.update(starts=date(2014, 8, 6), starts_span=Span.DAY)
    listed = editor.get(page("indicatorvalue"), headers={"accept-language": "ru"}).content.decode()
    assert "15 501 103" in listed.replace("\xa0", " ")
    assert "15501103," not in listed
    days = f"{page('event')}?language=kk"
    shown = editor.get(days, follow=True).content.decode().replace("\xa0", " ")
    assert "2014 ж. 6 там" in shown
    assert "2014-08-06" not in shown.split('id="result_list"')[1]
    written = b"".join(editor.get(f"{page('event')}?file=csv").streaming_content).decode()
    assert ";2014-08-06;" in written
    form = editor.get(page("indicatorvalue", "change", indicator.values.get().pk)).content.decode()
    assert "Indicator, 2022" in form  # and not the numbers of its rows


def test_our_own_title_of_a_source_is_in_the_language_of_the_desk(editor):
    make_source("fake", title="[Fake accounts of the Government]")
    shown = editor.get("/admin/registry/source/?language=kk", follow=True).content.decode()
    assert "Fake accounts" not in shown
    assert "[Үкіметтің" in shown


def test_a_text_of_the_reference_data_is_said_below_its_field(editor):
    source = make_source("s", title="A study")
    actor = make_actor("body", note="Former ministry", source=source)
    form = editor.get(f"/admin/registry/actor/{actor.pk}/change/?language=kk", follow=True).content.decode()
    assert "Former ministry</textarea>" in form.replace("\r\n", "").replace("\n", "")
    assert "Бұрынғы министрлік" in form
