"""The newest number by mail: asked for, confirmed, sent once a night, stopped by one click."""

import re

import pytest
from django.core import mail

from apps.ledger import mails
from apps.ledger.models import MailReader
from apps.ledger.reads import newest_label
from tests.ledger.conftest import seal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def free(monkeypatch):
    monkeypatch.setattr("apps.common.rates.seconds_to_wait", lambda *_args: 0)


def link_in(message):
    return re.search(r"https?://[^/\s]+(/data/ledger/mail/\S+)", message.body)[1]


def test_it_comes_once_a_night_after_a_confirmation_until_it_is_stopped(world, client):
    mails.ask("Reader@example.kz", "ru", "10.0.0.0/24")
    (question,) = mail.outbox
    confirm = link_in(question)
    assert client.get(confirm).status_code == 200
    assert not MailReader.objects.exists()  # a scanner of mail has confirmed nothing
    assert client.post(confirm).status_code == 200
    assert mails.tell() == 0  # the number that there was is no news
    seal("2026-01-05")
    assert (mails.tell(), mails.tell()) == (1, 0)
    sent = mail.outbox[-1]
    assert (sent.to, newest_label() in sent.subject) == (["reader@example.kz"], True)
    assert "kzmedia ledger 1" in sent.body
    stop = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.post("/" + stop.split("/", 3)[3]).status_code == 200
    seal("2026-01-06")
    assert mails.tell() == 0


def test_a_made_up_link_opens_nothing(client):
    assert client.get("/data/ledger/mail/made-up/").status_code == 404


def test_who_asks_too_often_is_refused(monkeypatch):
    monkeypatch.setattr("apps.common.rates.seconds_to_wait", lambda *_args: 60)
    with pytest.raises(mails.EnoughMails):
        mails.ask("a@example.kz", "en", "10.0.0.0/24")
    assert mail.outbox == []
