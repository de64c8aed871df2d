"""Workers are killed while they send: every receiver gets every message, and a repeat carries the same id.

Where a lease has to run out, its end is moved into the past: the tests do not wait three minutes for it.
"""

import time

import pytest
from django.utils import timezone

from apps.alerts.models import Delivery
from tests.alerts.conftest import make_delivery, make_destination, make_occurrence
from tests.builders import make_actor
from tests.runtime.processes import end, spawn, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MESSAGES = 16  # to each of the three: enough for all the kills on a slow machine too
SENDER = """
import django
django.setup()
from apps.alerts import outbox
import time
while True:
    outbox.send_due()
    time.sleep(0.05)
"""


@pytest.fixture
def env(process_env, post_office, hooks, bot_api, settings):
    return process_env | {
        "DJANGO_SETTINGS_MODULE": "kzmedia.settings",
        "EMAIL_URL": settings.EMAIL_URL,
        "TELEGRAM_ALERT_URL": bot_api.url,
        "TELEGRAM_ALERT_TOKEN": "123:secret",
        "WEBHOOK_ALLOW_LOCAL": "True",
    }


def test_everybody_gets_everything_while_workers_are_killed(env, officer, post_office, hooks, bot_api):
    actor = make_actor("m")
    to = [
        make_destination(officer),
        make_destination(officer, "webhook", hooks.url),
        make_destination(officer, "telegram", "1"),
    ]
    for number in range(MESSAGES):
        one = make_occurrence(actor=actor, facts={"number": 1000 + number}, key=f"n:{number}")
        for destination in to:
            make_delivery(destination, one)
    # Each receiver takes a message and then hesitates: most kills fall between taking and knowing.
    post_office.seconds = hooks.seconds = bot_api.seconds = 0.15

    def taken():
        return len(post_office.messages) + len(hooks.posts) + len(bot_api.posts)

    kills = 0
    workers = [spawn("-c", SENDER, env=env) for _ in range(2)]
    while kills < 3:
        seen = taken()
        wait_for(lambda seen=seen: taken() > seen + 1, 120, "messages")
        end(workers[kills % 2])
        give_up_lease_of_the_dead()
        workers[kills % 2] = spawn("-c", SENDER, env=env)
        kills += 1
    wait_for(all_sent, 120, "all messages")
    for worker in workers:
        end(worker)

    uids = {
        way: {str(one.uid) for one in Delivery.objects.filter(destination__way=way)}
        for way in ("email", "webhook", "telegram")
    }
    mails = [mail["Message-ID"].strip("<>").partition("@")[0] for mail in post_office.messages]
    posts = [headers["X-KZMedia-Delivery"] for _, headers, _ in hooks.posts]
    assert set(mails) == uids["email"]
    assert set(posts) == uids["webhook"]
    said = [text.split(" passed ")[1].split(" ")[0] for text in bot_api.texts()]
    plain = [text for text in bot_api.texts() if "may be a repeat" not in text]
    assert len(set(said)) == MESSAGES
    assert len({text.split(" passed ")[1].split(" ")[0] for text in plain}) == len(plain)
    repeats = taken() - 3 * MESSAGES
    print(f"{kills} kills, {3 * MESSAGES} messages, {repeats} repeats under the same id")  # noqa: T201
    assert 0 <= repeats <= kills


def give_up_lease_of_the_dead():
    """The other worker sends one after another: what is still held when it has sent one more is not its own."""
    time.sleep(0.5)  # what the dead one sent to PostgreSQL last has been written
    held = list(Delivery.objects.filter(state="sending").values_list("pk", "run"))
    sent = Delivery.objects.filter(state="sent")
    before = sent.count()
    wait_for(lambda: sent.count() > before, 120, "a message of the other worker")
    for pk, run in held:
        Delivery.objects.filter(pk=pk, run=run, state="sending").update(due_at=timezone.now())


def all_sent():
    return set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
