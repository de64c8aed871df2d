"""An actor's page: formerly, then, since, until, other names, confirmed accounts; each with its day and source."""

import html

import pytest

from apps.registry.models import Actor, Alias, Succession, Verification
from tests import reference
from tests.builders import make_account, make_actor, make_snapshot, make_source

pytestmark = pytest.mark.django_db


def page_of(client, slug, language="en"):
    return html.unescape(client.get(f"/{language}/actors/{slug}/").content.decode())


def test_a_split_names_both_heirs_with_day_and_source(client):
    reference.load()
    page = page_of(client, "ministry-education-science")
    assert "Existed until: 11\xa0Jun\xa02022." in page
    for heir in ("ministry-education", "ministry-science-higher-education"):
        assert f'Then: <a href="/en/actors/{heir}/">' in page
    assert page.count("(split, 11\xa0Jun\xa02022;") == 2
    assert page.count("https://finance.kz/news/mon_kazahstana") == 2


def test_the_heir_names_the_one_before_and_whose_line_it_goes_on_with(client):
    reference.load()
    page = page_of(client, "ministry-education", "ru")
    assert "Ранее:" in page or "Раньше:" in page or "Прежде" in page
    assert "Графики продолжают его линию." in page
    assert "11\xa0июн.\xa02022\xa0г." in page


def test_a_side_that_is_not_tracked_is_a_name_in_the_pages_language(client):
    reference.load()
    assert "Ішкі істер министрлігі" in page_of(client, "ministry-emergency", "kk")


def test_a_merger_has_two_before(client):
    heir, one, two = make_actor("heir"), make_actor("one"), make_actor("two", hidden=True)
    for before in (one, two):
        Succession.objects.create(before=before, after=heir, relation="merged", day="2019-02-01", span=2)
    page = page_of(client, "heir")
    assert page.count("(merged, February\xa02019)") == 1  # a hidden body is not named
    assert '<a href="/en/actors/one/">' in page
    Actor.objects.filter(pk=two.pk).update(hidden=False)
    assert page_of(client, "heir").count("(merged, February\xa02019)") == 2


def test_a_chosen_predecessor_without_a_succession_is_named_too(client):
    before = make_actor("before")
    Actor.objects.filter(pk=make_actor("after").pk).update(succeeds=before)
    assert 'Formerly: <a href="/en/actors/before/">' in page_of(client, "after")
    assert 'Now: <a href="/en/actors/after/">' in page_of(client, "before")


def test_other_names_stand_in_the_language_of_the_page(client):
    actor = make_actor("health")
    Alias.objects.create(actor=actor, text="Минздрав", language="ru", kind="short")
    Alias.objects.create(actor=actor, text="MoH", language="en", kind="short")
    assert "Also called: MoH" in page_of(client, "health")
    assert "Минздрав" not in page_of(client, "health")


def test_a_confirmed_account_says_when(client):
    account = make_account("body", handle="bodykz")
    Verification.objects.create(account=account, on="2025-01-01", proof="old")
    Verification.objects.create(account=account, on="2026-02-03", proof="Its own page")
    assert "Confirmed as its own: Facebook bodykz – 3\xa0Feb\xa02026." in page_of(client, "body")


def test_an_old_confirmation_is_overdue():
    from datetime import date

    account = make_account("body")
    Verification.objects.create(account=account, on="2025-01-01", proof="old")
    assert Verification.objects.overdue(date(2026, 1, 1)).count() == 0
    assert Verification.objects.overdue(date(2026, 1, 2)).count() == 1
    Verification.objects.create(account=account, on="2026-01-01", proof="new", url=make_source().url)
    assert Verification.objects.overdue(date(2026, 6, 1)).count() == 0


def test_notes_stand_in_the_language_of_the_page(client):
    reference.load()
    assert "4.1-бөлімде басылған: 39 мың" in page_of(client, "abenov", "kk")
    assert "Table 2" in page_of(client, "abenov")
    account = make_account("body")
    make_snapshot(account, "2022", 5, note="<b>Seen</b> by an editor", locator="https://body.kz/")
    page = client.get("/ru/actors/body/").content.decode()
    assert '<span lang="en">&lt;b&gt;Seen&lt;/b&gt; by an editor</span>' in page
