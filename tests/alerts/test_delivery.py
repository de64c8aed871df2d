"""What receivers get: over real SMTP and HTTP on loopback."""

import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.alerts import channels, matching, outbox
from apps.alerts.models import Delivery, Destination
from tests.alerts.conftest import AT, make_delivery, make_destination, make_occurrence, make_rule
from tests.builders import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return make_occurrence(actor=make_actor("m", name_en="Ministry of Æ", name_ru="Министерство"))


def state_of(delivery):
    delivery.refresh_from_db()
    return (delivery.state, delivery.tries, delivery.last_error)


def test_a_mail_has_all_it_needs(officer, post_office, one):
    to = make_destination(officer)
    rule = make_rule(officer, [to])
    matching.write([one], AT)
    delivery = Delivery.objects.get()
    assert outbox.send_due() == 1
    assert state_of(delivery) == ("sent", 1, "")
    (mail,) = post_office.messages
    assert mail["To"] == "aigerim@example.org"
    assert mail["Subject"].strip().startswith("Ministry of Æ passed 100,000 subscribers on Telegram between")
    assert mail["Message-ID"] == f"<{delivery.uid}@127.0.0.1>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip(" <>")
    text, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    assert address in text
    assert address in html
    assert "http://127.0.0.1:8000/en/actors/m/?platform=telegram" in text
    assert outbox.send_due() == 0
    assert rule.deliveries.count() == 1


@pytest.mark.parametrize(("language", "said"), [("ru", "Министерство"), ("kk", "m kk"), ("en", "Ministry")])
def test_in_the_destinations_language(officer, post_office, one, language, said):
    make_delivery(make_destination(officer, language=language), one)
    outbox.send_due()
    assert said in post_office.messages[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("answer", "state"), [("451 later", "waiting"), ("550 no such user", "dead"), ("421 busy", "waiting")]
)
def test_what_the_mail_server_says_is_obeyed(officer, post_office, one, answer, state):
    delivery = make_delivery(make_destination(officer), one)
    post_office.answers = [answer]
    outbox.send_due()
    assert state_of(delivery)[0] == state
    assert post_office.messages == []
    if state == "waiting":
        Delivery.objects.update(due_at=AT)
        outbox.send_due()
        assert state_of(delivery)[:2] == ("sent", 2)
        assert len(post_office.messages) == 1


def test_no_mail_server(officer, settings, one):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    delivery = make_delivery(make_destination(officer), one)
    outbox.send_due()
    assert state_of(delivery) == ("waiting", 1, "connection: ConnectionRefusedError")


def test_a_webhook_is_signed(officer, hooks, one):
    to = make_destination(officer, "webhook", hooks.url + "/in")
    delivery = make_delivery(to, one)
    outbox.send_due()
    ((path, headers, body),) = hooks.posts
    assert path == "/in"
    at = headers["X-KZMedia-Timestamp"]
    assert abs(time.time() - int(at)) < 60
    expected = hmac.new(to.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-KZMedia-Signature"] == f"v1={expected}"
    assert headers["X-KZMedia-Delivery"] == headers["Idempotency-Key"] == str(delivery.uid)
    told = json.loads(body)["occurrence"]
    assert (told["kind"], told["actor"], told["day"]) == ("milestone", "m", "2026-11-20")
    assert told["facts"] == {"number": 100_000}
    assert state_of(delivery)[0] == "sent"


def test_a_webhook_that_fails_is_tried_again_and_given_up(officer, hooks, one):
    delivery = make_delivery(make_destination(officer, "webhook", hooks.url), one)
    hooks.answers = [(500, {})] * outbox.MOST_TRIES
    waits = []
    for _ in range(outbox.MOST_TRIES):
        before = timezone.now()
        outbox.send_due()
        delivery.refresh_from_db()
        waits.append((delivery.due_at - before).total_seconds())
        Delivery.objects.update(due_at=AT)
    assert state_of(delivery) == ("dead", outbox.MOST_TRIES, "500")
    assert len({headers["X-KZMedia-Delivery"] for _, headers, _ in hooks.posts}) == 1
    for tries, seconds in enumerate(waits[:-1]):
        assert 0.79 * 60 * 2**tries <= seconds <= 1.25 * 60 * 2**tries
    assert outbox.send_due() == 0


@pytest.mark.parametrize(
    ("status", "state"), [(410, "dead"), (404, "waiting"), (302, "waiting"), (204, "sent")]
)
def test_what_a_receiver_answers(officer, hooks, one, status, state):
    delivery = make_delivery(make_destination(officer, "webhook", hooks.url), one)
    hooks.answers = [(status, {})]
    outbox.send_due()
    assert state_of(delivery)[0] == state


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://0.0.0.0/",
        "https://localhost/x",
    ],
)
def test_private_and_plain_addresses_are_never_asked(officer, one, address):
    delivery = make_delivery(make_destination(officer, "webhook", address), one)
    outbox.send_due()
    assert state_of(delivery)[0] == "dead"
    assert state_of(delivery)[2] in ("not https", "private_address")


def test_telegram_gets_the_sentence(officer, bot_api, one):
    delivery = make_delivery(make_destination(officer, "telegram", "-100123"), one)
    outbox.send_due()
    assert state_of(delivery)[0] == "sent"
    assert bot_api.posts[0][0] == "/bot123:secret/sendMessage"
    assert bot_api.texts()[0].startswith("Ministry of Æ passed")
    assert "repeat" not in bot_api.texts()[0]


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ((429, {"ok": False, "parameters": {"retry_after": 4000}}), "waiting", "rate"),
        ((403, {"ok": False, "description": "bot was blocked"}), "dead", "403: bot was blocked"),
        ((400, {"ok": False, "description": "chat not found"}), "dead", "400: chat not found"),
        ((401, {"ok": False, "description": "Unauthorized"}), "waiting", "401: Unauthorized"),
        ((502, []), "waiting", "502: "),
    ],
)
def test_what_telegram_answers(officer, bot_api, one, answer, state, error):
    delivery = make_delivery(make_destination(officer, "telegram", "1"), one)
    bot_api.answers = [answer]
    outbox.send_due()
    assert state_of(delivery) == (state, 1, error)
    if error == "rate":
        assert delivery.due_at > timezone.now() + timedelta(seconds=3900)


def test_a_message_taken_up_again_has_the_same_id_and_says_so(officer, bot_api, one):
    delivery = make_delivery(make_destination(officer, "telegram", "1"), one)
    assert outbox.claim(timezone.now()) == delivery  # and its worker dies
    assert outbox.send_due() == 0
    Delivery.objects.update(due_at=AT)
    outbox.send_due()
    assert state_of(delivery) == ("sent", 2, "")
    assert "This may be a repeat" in bot_api.texts()[0]


def test_who_is_late_writes_nothing(officer, one):
    delivery = make_delivery(make_destination(officer), one)
    late = outbox.claim(timezone.now())
    Delivery.objects.update(due_at=AT)
    outbox.claim(timezone.now())
    outbox.settle(late, Delivery.Status.SENT)
    assert state_of(delivery)[0] == "sending"


def test_what_is_not_wanted_any_more_is_dropped(officer, post_office, one):
    to = make_destination(officer)
    rule = make_rule(officer, [to], paused=True)
    paused = make_delivery(to, one, rule=rule)
    hidden = make_delivery(to, make_occurrence(actor=make_actor("h", hidden=True)))
    removed = make_delivery(make_destination(officer, address="b@example.org", removed_at=AT), one)
    assert outbox.send_due() == 3
    assert {state_of(one)[0] for one in (paused, hidden, removed)} == {"dropped"}
    assert post_office.messages == []


def test_a_webhook_that_answers_the_question_is_confirmed(officer, hooks):
    to = make_destination(officer, "webhook", hooks.url, confirmed_at=None)
    make_delivery(to)
    outbox.send_due()
    assert json.loads(hooks.posts[0][2])["type"] == "confirm"
    assert Destination.objects.get().confirmed_at


def test_a_signature_is_of_time_and_body():
    one = channels.signature("s", "1", b"x")
    assert (
        len(
            {
                one,
                channels.signature("s", "2", b"x"),
                channels.signature("s", "1", b"y"),
                channels.signature("t", "1", b"x"),
            }
        )
        == 4
    )


@pytest.mark.parametrize("taken", [b"", b"\x89PNG\r\n"])
def test_a_picture_is_inline_where_there_is_one(officer, taken):
    from apps.alerts.messages import Message

    message = Message("s", "t", "<img src='cid:chart'>", picture=taken or None, picture_id="chart")
    mail = channels.mail(make_delivery(make_destination(officer), make_occurrence()), message).message()
    parts = [(part.get_content_type(), part.get("Content-ID")) for part in mail.walk()]
    assert (("image/png", "<chart>") in parts) is bool(taken)
