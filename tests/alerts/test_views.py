"""The pages of alerts: not allowed, not found, and all that a user can do there."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.alerts import outbox, telegram_bot, tokens
from apps.alerts.models import Delivery, Destination, Digest, OccurrenceKind, Rule
from tests.alerts.conftest import make_delivery, make_destination, make_occurrence, make_rule
from tests.builders import make_account, make_actor, make_snapshots

pytestmark = pytest.mark.django_db

GETS = ["/en/me/alerts/", "/en/me/alerts/rules/new/"]


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


def rule_data(destination, **fields):
    return {
        "kinds": ["overtake", "milestone"],
        "floor_percent": "1",
        "floor_absolute": "100",
        "direction": "both",
        "cooldown_days": "7",
        "quiet_from": "22:00",
        "quiet_to": "08:00",
        "destinations": [destination.pk],
        "save": "1",
        **fields,
    }


@pytest.mark.parametrize("address", GETS)
def test_strangers_sign_in_first(client, address):
    assert client.get(address).status_code == 302
    assert "/accounts/login/" in client.get(address)["Location"]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("page", ["", "rules/new/"])
def test_pages_open(signed_in, language, page):
    response = signed_in.get(f"/{language}/me/alerts/{page}")
    assert response.status_code == 200
    assert "style=" not in response.content.decode()
    assert response.content.decode().count("<script") == response.content.decode().count("<script src=") == 1


def test_what_is_somebody_elses_is_not_found(signed_in, django_user_model):
    bob = django_user_model.objects.create_user("bob")
    to = make_destination(bob)
    rule = make_rule(bob, [to])
    digest = Digest.objects.create(user=bob, actor=make_actor(), destination=to)
    delivery = make_delivery(to, make_occurrence(), state="dead")
    for address in [
        reverse("alerts:change_rule", args=[rule.pk, "remove"]),
        reverse("alerts:change_destination", args=[to.pk, "remove"]),
        reverse("alerts:change_digest", args=[digest.pk, "remove"]),
        reverse("alerts:try_again", args=[delivery.pk]),
        reverse("alerts:rule", args=[rule.pk]),
    ]:
        assert signed_in.post(address).status_code == 404
    assert to.address not in signed_in.get("/en/me/alerts/").content.decode()
    response = signed_in.post("/en/me/alerts/rules/new/", rule_data(to))
    assert response.status_code == 422
    assert Rule.objects.get().user == bob


def test_a_rule_is_made_paused_removed_and_brought_back(signed_in, officer):
    to, actor = make_destination(officer), make_actor("m")
    assert signed_in.post("/en/me/alerts/rules/new/", rule_data(to, actors=[actor.pk])).status_code == 302
    rule = Rule.objects.get()
    assert (rule.user, rule.kinds, list(rule.actors.all())) == (officer, ["overtake", "milestone"], [actor])
    for what, field, value in [("pause", "paused", True), ("resume", "paused", False)]:
        signed_in.post(reverse("alerts:change_rule", args=[rule.pk, what]))
        rule.refresh_from_db()
        assert getattr(rule, field) is value
    signed_in.post(reverse("alerts:change_rule", args=[rule.pk, "remove"]))
    assert "Undo" in signed_in.get("/en/me/alerts/").content.decode()
    signed_in.post(reverse("alerts:change_rule", args=[rule.pk, "restore"]))
    rule.refresh_from_db()
    assert rule.removed_at is None
    signed_in.post(reverse("alerts:rule", args=[rule.pk]), rule_data(to, kinds=["gone"]))
    rule.refresh_from_db()
    assert rule.kinds == ["gone"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": []},
        {"kinds": ["held"]},
        {"destinations": []},
        {"quiet_to": ""},
        {"cooldown_days": "400"},
        {"floor_percent": "-1"},
    ],
)
def test_wrong_rules_are_refused(signed_in, officer, wrong):
    response = signed_in.post("/en/me/alerts/rules/new/", rule_data(make_destination(officer), **wrong))
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not Rule.objects.exists()


def test_a_preview_says_how_often_it_would_have_fired(signed_in, officer):
    first = timezone.localdate().replace(year=timezone.localdate().year - 1, month=3, day=1)
    a, b = make_account("a", "telegram"), make_account("b", "telegram")
    counts = [90, 95, 105, 103, 98, 104, 98, 104]
    for account, values in ((a, counts), (b, [100] * 8)):
        make_snapshots(account, {str(first + timedelta(days=n)): value for n, value in enumerate(values)})
    to = make_destination(officer)
    data = rule_data(to, **{"try": "1"}, cooldown_days="0", year=str(first.year), actors=[a.actor_id])
    del data["save"]
    page = signed_in.post("/en/me/alerts/rules/new/", data).content.decode()
    # five passings, and the number 100
    assert f"In {first.year}, this rule would have been triggered 6 times." in page
    assert "a en overtook b en on Telegram" in page
    calmer = signed_in.post("/en/me/alerts/rules/new/", data | {"cooldown_days": "7"}).content.decode()
    assert f"In {first.year}, this rule would have been triggered 2 times." in calmer
    other = signed_in.post("/en/me/alerts/rules/new/", data | {"year": str(first.year - 3)}).content.decode()
    assert f"No daily count of {first.year - 3} is recorded" in other
    assert not Rule.objects.exists()


def test_a_new_rule_begins_with_the_actor_one_comes_from(signed_in):
    actor = make_actor("m")
    page = signed_in.get("/en/me/alerts/rules/new/?actor=m").content.decode()
    assert f'<option value="{actor.pk}" selected>' in page
    assert "/en/me/alerts/rules/new/?actor=m" in signed_in.get("/en/actors/m/").content.decode()


def test_the_actors_page_offers_no_alerts_to_strangers(client):
    make_actor("m")
    assert "me/alerts" not in client.get("/en/actors/m/").content.decode()


def test_an_address_is_confirmed_by_the_link_that_went_there(signed_in, client, officer, post_office):
    data = {"way": "email", "address": "new@example.org", "language": "en"}
    assert signed_in.post("/en/me/alerts/destinations/new/", data).status_code == 302
    outbox.send_due()
    text = post_office.messages[0].get_body(("plain",)).get_content()
    path = re.search(r"http://127\.0\.0\.1:8000(/confirm/\S+)", text)[1]
    client.logout()
    assert client.get(path).status_code == 200
    assert Destination.objects.get().confirmed_at is None  # a scanner opened it
    assert client.post(path).status_code == 200
    assert Destination.objects.get().confirmed_at
    assert client.get("/confirm/forged/").status_code == 404


@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("email", "no address"),
        ("telegram", "me"),
        ("webhook", "http://example.org/"),
        ("webhook", "https://u:p@example.org/"),
        ("webhook", "ftp://x"),
        ("webhook", "https://x:port/"),
        ("webhook", "https://example.org/\n"),
        ("webhook", "https://exam\tple.org/"),
        ("webhook", "https://example.org/\x7f"),
        ("webhook", "https://example.org/a b"),
        ("webhook", "https://example.org/\u200b"),
    ],
)
def test_wrong_addresses_are_refused(signed_in, settings, way, address):
    settings.EMAIL_URL, settings.TELEGRAM_ALERT_TOKEN = "smtp://x", "1:x"
    response = signed_in.post(
        "/en/me/alerts/destinations/new/", {"way": way, "address": address, "language": "en"}
    )
    assert response.status_code == 422
    assert not Destination.objects.exists()


def test_what_the_site_cannot_send_it_does_not_promise(signed_in):
    for way, address in (("email", "a@example.org"), ("telegram", "1")):
        data = {"way": way, "address": address, "language": "en"}
        assert signed_in.post("/en/me/alerts/destinations/new/", data).status_code == 422


def test_one_click_unsubscribes_without_signing_in(client, officer):
    to = make_destination(officer)
    rule = make_rule(officer, [to])
    digest = Digest.objects.create(user=officer, actor=make_actor(), destination=to)
    delivery = make_delivery(to, make_occurrence(), rule=rule)
    for token in (tokens.of_rule(delivery), tokens.of_digest(digest)):
        path = reverse("unsubscribe", args=[token])
        assert client.get(path).status_code == 200
        response = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
    rule.refresh_from_db()
    digest.refresh_from_db()
    delivery.refresh_from_db()
    assert (rule.paused, digest.paused, delivery.state) == (True, True, "dropped")
    assert client.post(reverse("unsubscribe", args=["x:y:z"])).status_code == 404
    assert client.post(reverse("unsubscribe", args=[tokens.of_destination(to)])).status_code == 404


def test_a_message_that_was_given_up_is_tried_again(signed_in, officer, hooks):
    dead = make_delivery(make_destination(officer, "webhook", hooks.url), make_occurrence(), state="dead")
    assert "Given up" in signed_in.get("/en/me/alerts/").content.decode()
    signed_in.post(reverse("alerts:try_again", args=[dead.pk]))
    outbox.send_due()
    assert Delivery.objects.get().state == "sent"


def test_cost_does_not_grow(signed_in, officer, count_queries):
    def more():
        to = make_destination(officer, address=f"a{Destination.objects.count()}@example.org")
        actor = make_actor()
        make_rule(officer, [to], actors=[actor])
        Digest.objects.create(user=officer, actor=actor, destination=to)
        make_delivery(to, make_occurrence(OccurrenceKind.OVERTAKE, actor, other=make_actor()))

    more()
    few = count_queries("/en/me/alerts/")
    for _ in range(10):
        more()
    assert count_queries("/en/me/alerts/") == few


def test_a_sample_goes_to_a_confirmed_destination_once(signed_in, officer, post_office):
    to, other = (
        make_destination(officer),
        make_destination(officer, address="b@example.org", confirmed_at=None),
    )
    for _ in range(2):
        signed_in.post(reverse("alerts:change_destination", args=[to.pk, "sample"]))
    signed_in.post(reverse("alerts:change_destination", args=[other.pk, "sample"]))
    outbox.send_due()
    (mail,) = post_office.messages
    assert mail["Subject"] == "Sample message of KZMedia"
    assert mail["To"] == to.address
    assert "Sample message" in signed_in.get("/en/me/alerts/").content.decode()
    destination = Destination.objects.get(pk=other.pk)
    assert destination.confirmed_at is None


def test_the_bot_is_named_and_linked(signed_in, bot_api):
    cache.delete(telegram_bot.key())
    assert "t.me" not in signed_in.get("/en/me/alerts/").content.decode()
    bot_api.answers = [(200, {"ok": True, "result": {"username": "kzmedia_bot"}})]
    telegram_bot.learn_name()
    telegram_bot.learn_name()  # known: Telegram is not asked again
    assert [path for path, _, _ in bot_api.posts] == ["/bot123:secret/getMe"]
    assert 'href="https://t.me/kzmedia_bot"' in signed_in.get("/en/me/alerts/").content.decode()
    cache.delete(telegram_bot.key())


@pytest.mark.parametrize("answer", [(500, {}), (200, {"result": {"username": "<b>"}}), (200, [])])
def test_a_bot_that_does_not_say_its_name_is_not_linked(bot_api, answer):
    cache.delete(telegram_bot.key())
    bot_api.answers = [answer]
    telegram_bot.learn_name()
    assert telegram_bot.name() == ""
    cache.delete(telegram_bot.key())


def test_a_rule_asks_whom_what_where_and_when_in_this_order(signed_in, officer):
    make_destination(officer)
    page = signed_in.get("/en/me/alerts/rules/new/").content.decode()
    legends = re.findall(r"<legend>([^<]+)</legend>", page)
    assert legends == ["Whom it is about", "What happened", "On which platforms", "Where messages go", "When"]
