"""Other names: search and bulk lookup know them like the actor's own."""

import pytest
from django.db import IntegrityError, transaction

from apps.registry.models import Alias
from apps.registry.search import actors_named
from tests.builders import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def health():
    actor = make_actor(
        "ministry-health",
        name_en="Ministry of Health",
        name_ru="Министерство здравоохранения",
        name_kk="Денсаулық сақтау министрлігі",
    )
    for text, language, kind in [
        ("Минздрав", "ru", "short"),
        ("ҚР ДСМ", "kk", "short"),
        ("MoH", "en", "short"),
        ("Ministry of Healthcare", "en", "former"),
    ]:
        Alias.objects.create(actor=actor, text=text, language=language, kind=kind)
    return actor


@pytest.mark.parametrize(
    "text", ["Минздрав", "минздрав", "minzdrav", "қр дсм", "кр дсм", "MoH", "healthcare"]
)
def test_search_knows_other_names(health, text):
    make_actor(
        "ministry-labor",
        name_en="Ministry of Labor",
        name_ru="Министерство труда",
        name_kk="Еңбек министрлігі",
    )
    assert [actor.slug for actor in actors_named(text, "en")] == ["ministry-health"]


def test_a_hidden_actor_is_not_found_by_another_name(health):
    type(health).objects.update(hidden=True)
    assert actors_named("Минздрав", "ru") == []


def test_a_language_has_one_short_name(health):
    with pytest.raises(IntegrityError), transaction.atomic():
        Alias.objects.create(actor=health, text="Health", language="en", kind="short")
    Alias.objects.create(actor=health, text="Health", language="en", kind="spelling")
