"""Digests: the week or month that has ended, once, with what changed in it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.alerts import digests, outbox
from apps.alerts.models import Delivery, Digest
from apps.registry.models import Actor, Alias
from tests.alerts.conftest import make_destination
from tests.builders import make_account, make_actor, make_group, make_snapshots

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 4, 7, tzinfo=UTC)  # 09:07 in Almaty


@pytest.fixture
def body():
    """Provide a body that passes another within the week, in a group with a reference."""
    a, b, ref = (make_actor(slug, name_en=slug.upper()) for slug in ("a", "b", "ref"))
    first = date(2026, 10, 1)
    for actor, start, step in ((a, 1000, 10), (b, 1480, 0), (ref, 5000, 1)):
        make_snapshots(
            make_account(actor, "telegram"),
            {str(first + timedelta(days=n)): start + step * n for n in range(53)},
        )
    make_group("g", [a, b, ref], ref, platform="telegram")
    return a


@pytest.fixture
def digest(officer, body):
    made = Digest.objects.create(user=officer, actor=body, destination=make_destination(officer))
    Digest.objects.update(made_at=MONDAY - timedelta(days=10))
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("every", "now", "since", "until"),
    [
        ("week", MONDAY, date(2026, 11, 15), date(2026, 11, 22)),
        ("week", MONDAY - timedelta(hours=10), date(2026, 11, 8), date(2026, 11, 15)),  # still Sunday
        ("month", MONDAY, date(2026, 9, 30), date(2026, 10, 31)),
        ("month", datetime(2026, 2, 28, 19, 30, tzinfo=UTC), date(2026, 1, 31), date(2026, 2, 28)),
    ],
)
def test_periods_are_almatys(every, now, since, until):
    assert digests.period(every, now) == (since, until)


def test_what_it_says(digest, body):
    made = digests.content(digest, date(2026, 11, 22))
    assert made.title == "A from 16\u00a0Nov\u00a02026 to 22\u00a0Nov\u00a02026"
    (part,) = made.parts
    said = " ".join(part.says)
    assert "On Telegram: rank 2 of 3, with 1,520 subscribers" in said
    assert "Up 1 place" in said
    assert "Next above: REF, 3,532 subscribers ahead (at the start of the period: 3,595)." in said
    assert "Behind REF" not in said
    assert [row.actor_slug for row in part.rows] == ["ref", "a", "b"]
    assert made.happened == [
        "A overtook B on Telegram between 17\u00a0Nov\u00a02026 and 19\u00a0Nov\u00a02026."
    ]
    assert any("may be reached" in sentence for sentence in made.look_at)
    assert made.picture is None
    drawn = digests.content(digest, date(2026, 11, 22), lambda *_: b"png")
    assert drawn.picture == b"png"


def test_it_goes_once_on_monday_morning(digest, post_office):
    digests.write(MONDAY - timedelta(hours=1))
    assert not Delivery.objects.exists()
    for hours in range(5):
        digests.write(MONDAY + timedelta(hours=hours))
    delivery = Delivery.objects.get()
    assert delivery.until == date(2026, 11, 22)
    Delivery.objects.update(due_at=MONDAY - timedelta(days=1000))
    outbox.send_due()
    (mail,) = post_office.messages
    assert "A overtook B" in mail.get_body(("html",)).get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    digests.write(MONDAY + timedelta(days=7))
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("late", [timedelta(days=3), timedelta(days=6)])
def test_a_digest_that_is_late_is_left_out(digest, late):
    digests.write(MONDAY + late)
    assert not Delivery.objects.exists()


def test_old_counts_are_in_no_digest(digest, body):
    made = digests.content(digest, date(2027, 1, 31))
    assert made.parts == []


def test_the_gap_to_the_reference_where_another_stands_between(officer, digest, body):
    make_snapshots(make_account(make_actor("c"), "telegram"), {"2026-11-22": 3000})
    (part,) = digests.content(digest, date(2026, 11, 22)).parts
    assert "Behind REF by 3,532 subscribers." in part.says
    digest.actor = body.groups.get().reference
    (part,) = digests.content(digest, date(2026, 11, 22)).parts
    assert not any("REF" in sentence for sentence in part.says)


def test_a_mail_calls_bodies_by_their_short_names(digest, body, post_office):
    for slug, short in (("a", "Ministry A"), ("b", "Ministry B")):
        actor = Actor.objects.get(slug=slug)
        Alias.objects.create(actor=actor, text=short, language="en", kind="short")
    digests.write(MONDAY)
    Delivery.objects.update(due_at=MONDAY - timedelta(days=1000))
    outbox.send_due()
    (mail,) = post_office.messages
    written = mail.get_body(("html",)).get_content()
    assert "Ministry A overtook Ministry B on Telegram" in written
    assert ">Ministry B</td>" in written
