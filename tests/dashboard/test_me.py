"""Signing in, and where the body one works for stands since one's last visit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.registry.models import Actor, Membership
from apps.registry.services import VISIT, note_visit
from tests.builders import make_account, make_actor, make_snapshots

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(django_user_model):
    return django_user_model.objects.create_user("bob", password="a long password")  # noqa: S106


@pytest.fixture
def ministry(today):
    """Make Bob's body among four others on Telegram; a month ago it was last but one."""
    actors = {}
    for slug, then, now in [
        ("a", 900, 1000),
        ("b", 300, 600),
        ("ministry", 200, 500),
        ("c", 400, 450),
        ("d", 100, 110),
    ]:
        actors[slug] = make_actor(slug, name_en=f"Body {slug.upper()}")
        account = make_account(actors[slug], platform="telegram")
        make_snapshots(
            account, {today - timedelta(days=40): then, today - timedelta(days=30): then, today: now}
        )
    return actors["ministry"]


def page_of(client, address="/en/me/"):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_are_led_to_signing_in_and_back(client):
    response = client.get("/kk/me/")
    assert response.status_code == 302
    assert response["Location"] == "/kk/accounts/login/?next=/kk/me/"


def test_header_leads_to_signing_in(client):
    page = page_of(client, "/ru/status/")
    assert 'href="/ru/accounts/login/"' in page
    assert (
        client.get("/accounts/login/", headers={"accept-language": "kk"})["Location"] == "/kk/accounts/login/"
    )


def sign_in(client, name="bob", password="a long password", following="", language="en"):  # noqa: S107
    return client.post(
        f"/{language}/accounts/login/", {"login": name, "password": password, "next": following}
    )


def test_signing_in_and_out(client, bob):
    assert sign_in(client)["Location"] == "/en/me/"
    assert "Sign out" in page_of(client)
    assert client.get("/en/accounts/logout/").status_code == 200  # it asks first
    assert client.get("/en/me/").status_code == 200
    assert client.post("/en/accounts/logout/")["Location"] == "/en/"
    assert client.get("/en/me/").status_code == 302


@pytest.mark.parametrize(
    ("following", "leads_to"),
    [
        ("/en/standings/?platform=x", "/en/standings/?platform=x"),
        ("https://evil.example/", "/en/me/"),
        ("//evil.example/", "/en/me/"),
        ("javascript:alert(1)", "/en/me/"),
    ],
)
def test_after_signing_in_only_own_addresses_follow(client, bob, following, leads_to):
    assert sign_in(client, following=following)["Location"] == leads_to


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("bob", "wrong", "do not match"),
        ("nobody", "a long password", "do not match"),
        ("", "", "This field is required."),
    ],
)
def test_wrong_password(client, bob, name, password, said):
    response = sign_in(client, name, password)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert client.get("/en/me/").status_code == 302


def test_signing_in_needs_the_forms_own_token(bob):
    from django.test import Client

    response = sign_in(Client(enforce_csrf_checks=True))
    assert response.status_code == 403
    assert "The form was open for too long" in response.content.decode()


def test_no_post(client, bob):
    client.force_login(bob)
    assert client.post("/en/me/").status_code == 405


def test_without_a_body_it_says_how_to_get_one(client, bob):
    client.force_login(bob)
    assert "Tell the editors of this site" in page_of(client)


def test_several_bodies_are_listed(client, bob, ministry):
    Membership.objects.create(user=bob, actor=ministry)
    Membership.objects.create(user=bob, actor=Actor.objects.get(slug="d"))
    client.force_login(bob)
    page = page_of(client)
    assert '<a href="?actor=d">Body D</a>' in page
    assert "<h1>Body D</h1>" in page_of(client, "/en/me/?actor=d")


def test_nobody_else_s_body_is_shown(client, bob, ministry):
    Membership.objects.create(user=bob, actor=ministry)
    client.force_login(bob)
    page = page_of(client, "/en/me/?actor=a")
    assert "has been ignored" in page
    assert "<h1>Body MINISTRY</h1>" in page


def test_a_hidden_body_is_not_shown(client, bob):
    Membership.objects.create(user=bob, actor=make_actor("secret", hidden=True))
    client.force_login(bob)
    assert "secret" not in page_of(client)


def test_neighbours_and_what_changed_since_a_month(client, bob, ministry):
    Membership.objects.create(user=bob, actor=ministry)
    client.force_login(bob)
    page = page_of(client)
    assert "This is your first visit" in page
    assert "On Telegram: rank 3 of 5, with 500 subscribers" in page
    assert "Up 1 place in this period." in page
    assert "Next above: Body B, 100 subscribers ahead (at the start of the period: 100)." in page
    assert "Next to you in rank" in page
    assert "Body MINISTRY overtook Body C on Telegram" in page
    assert page.index("Body A</a>") < page.index("Body B</a>") < page.index("Body MINISTRY</a>")


def test_peers_stand_in_for_the_neighbours(client, bob, ministry):
    make_actor("unseen", hidden=True).pinned_by.add(ministry)
    ministry.peers.add(Actor.objects.get(slug="a"), Actor.objects.get(slug="d"), ministry)
    Membership.objects.create(user=bob, actor=ministry)
    client.force_login(bob)
    page = page_of(client)
    assert "Among your peers" in page
    assert "rank 2 of 3" in page
    assert "Body B" not in page
    assert {one.slug for one in Actor.objects.peers_of(ministry)} == {"a", "d"}


def test_what_changed_is_told_since_the_last_visit(client, bob, ministry):
    membership = Membership.objects.create(user=bob, actor=ministry)
    Membership.objects.filter(pk=membership.pk).update(last_seen_at=timezone.now() - timedelta(days=38))
    client.force_login(bob)
    for _again in range(2):  # looking again is the same visit
        page = page_of(client)
        assert "Changes since your last visit" in page
        assert "+300" in page
    membership.refresh_from_db()
    assert timezone.now() - membership.last_seen_at < timedelta(minutes=1)


def test_nothing_newer_is_said(client, bob, today):
    old = make_actor("old")
    for actor, count in [(old, 50), (make_actor("older"), 90)]:
        make_snapshots(make_account(actor), {"2022": count})
    Membership.objects.create(user=bob, actor=old)
    client.force_login(bob)
    page = page_of(client)
    assert "No newer count has been recorded in this period." in page
    assert "Next above: older en, 40 followers ahead." in page


def test_visits_end_after_some_hours(bob, ministry):
    membership = Membership.objects.create(user=bob, actor=ministry)
    first = timezone.now()
    seen = []
    for at in (first, first + VISIT, first + VISIT + timedelta(hours=1), first + 3 * VISIT):
        membership.refresh_from_db()
        seen.append(note_visit(membership, at))
    assert seen == [None, None, None, first + VISIT + timedelta(hours=1)]


def test_a_body_without_accounts(client, bob):
    Membership.objects.create(user=bob, actor=make_actor("new"))
    client.force_login(bob)
    assert "No account of this body is tracked yet." in page_of(client)


@pytest.mark.parametrize("query", ["?platform=x", "?platform=nonsense", "?actor=%00"])
def test_wrong_parameters_fall_back(client, bob, ministry, query):
    Membership.objects.create(user=bob, actor=ministry)
    client.force_login(bob)
    assert "On Telegram: rank 3 of 5" in page_of(client, f"/en/me/{query}")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_nothing_of_it_is_kept_by_caches(client, bob, ministry, language):
    Membership.objects.create(user=bob, actor=ministry)
    client.force_login(bob)
    assert "private" in client.get(f"/{language}/me/")["Cache-Control"]


def test_cost_does_not_grow(client, bob, count_queries, ministry, today):
    Membership.objects.create(user=bob, actor=ministry)
    client.force_login(bob)
    few = count_queries("/en/me/")
    for number in range(15):
        actor = make_actor(f"more-{number}")
        ministry.peers.add(actor)
        make_snapshots(make_account(actor, platform="telegram"), {today: 490 + number})
        make_account(ministry, platform="telegram")
    assert count_queries("/en/me/") <= few + 1  # the history of those that were level before


def test_an_editor_pins_peers_on_the_actor_s_page(admin_client, ministry):
    page = admin_client.get(f"/admin/registry/actor/{ministry.pk}/change/").content.decode()
    assert 'name="peers"' in page
    assert "admin-autocomplete" in page
