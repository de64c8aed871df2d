from datetime import UTC, date, datetime, timedelta

import pytest

from apps.alerts.models import PUBLIC, Delivery, Destination, Occurrence, OccurrenceKind, Rule
from tests import queries
from tests.alerts.receivers import MailServer, WebServer
from tests.builders import make_account, make_actor

AT = datetime(2026, 11, 20, 19, 10, tzinfo=UTC)


def make_occurrence(kind=OccurrenceKind.MILESTONE, actor=None, day=date(2026, 11, 20), **fields):
    """Return a stored occurrence with facts that suit its kind."""
    facts = {
        OccurrenceKind.MILESTONE: {"number": 100_000},
        OccurrenceKind.UNUSUAL: {"change": -500, "percent": -5.0, "score": -9.0},
        OccurrenceKind.WIDE: {"falls": True, "accounts": 12, "of": 20},
        OccurrenceKind.GONE: {"state": "absent", "before": "counted"},
        OccurrenceKind.RENAMED: {"old": "before", "new": "after"},
        OccurrenceKind.VERIFIED: {"verified": True},
        OccurrenceKind.HELD: {"followers": 0, "against": 5000, "why": "zero"},
        OccurrenceKind.STALE: {"newest": "2026-11-18T14:00:00+00:00"},
        OccurrenceKind.PAUSED: {"reason": "quota: daily", "until": "2026-11-18T14:00:00+00:00"},
        OccurrenceKind.TOKEN: {"reason": "bad_token"},
        OccurrenceKind.EXPIRING: {"ends": "2026-12-01"},
        OccurrenceKind.SILENT: {"newest": "2026-11-18T14:00:00+00:00", "hours": 30},
        OccurrenceKind.BACKUP: {"newest": ""},
        OccurrenceKind.DRILL: {"name": "1.tar", "at": "2026-11-18T14:00:00+00:00", "why": "…"},
        OccurrenceKind.SENT: {"name": "1.tar", "at": "2026-11-18T14:00:00+00:00", "why": "…"},
        OccurrenceKind.REPLICA: {"why": "behind", "seconds": 45},
        OccurrenceKind.LATEST: {"accounts": [7, 9], "more": False},
    }.get(kind, {})
    account = None
    if actor is None and kind not in (OccurrenceKind.WIDE, OccurrenceKind.STALE, OccurrenceKind.PAUSED, OccurrenceKind.TOKEN, OccurrenceKind.EXPIRING, OccurrenceKind.SILENT, OccurrenceKind.BACKUP, OccurrenceKind.DRILL, OccurrenceKind.SENT, OccurrenceKind.REPLICA, OccurrenceKind.LATEST):  # fmt: skip
        actor = make_actor()
    if kind in (
        OccurrenceKind.UNUSUAL,
        OccurrenceKind.GONE,
        OccurrenceKind.BACK,
        OccurrenceKind.RENAMED,
        OccurrenceKind.VERIFIED,
        OccurrenceKind.HELD,
    ):
        account = make_account(actor, "telegram")
    number = Occurrence.objects.count()
    given = {
        "key": f"{kind}:{number}",
        "subject": f"{kind}:{actor.pk if actor else ''}",
        "platform": "telegram",
        "since": date(2026, 11, 18)
        if kind
        in (OccurrenceKind.OVERTAKE, OccurrenceKind.MILESTONE, OccurrenceKind.GONE, OccurrenceKind.BACK)
        else None,
        "found_at": AT,
        **fields,
    }
    given["facts"] = {**facts, **fields.get("facts", {})}
    return Occurrence.objects.create(kind=kind, actor=actor, account=account, day=day, **given)


@pytest.fixture
def officer(django_user_model):
    return django_user_model.objects.create_user("aigerim", "aigerim@example.org", "a-long-password")


@pytest.fixture
def count_queries(client):
    return lambda address: queries.count_queries(client, address)


@pytest.fixture
def post_office(settings):
    """Provide a real SMTP server that the site's mails go to."""
    server = MailServer()
    server.start()
    settings.EMAIL_URL = server.url
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server.handler
    server.stop()


@pytest.fixture
def hooks(settings):
    settings.WEBHOOK_ALLOW_LOCAL = True
    with WebServer() as server:
        yield server


@pytest.fixture
def bot_api(settings):
    with WebServer() as server:
        settings.TELEGRAM_ALERT_URL = server.url
        settings.TELEGRAM_ALERT_TOKEN = "123:secret"  # noqa: S105 invented
        yield server


def make_destination(user, way="email", address="aigerim@example.org", **fields):
    given = {"confirmed_at": AT, "language": "en", **fields}
    return Destination.objects.create(user=user, way=way, address=address, **given)


def make_rule(user, destinations, kinds=PUBLIC, **fields):
    actors = fields.pop("actors", [])
    groups = fields.pop("groups", [])
    given = {"floor_percent": 0, "floor_absolute": 0, "cooldown_days": 0, **fields}
    rule = Rule.objects.create(user=user, kinds=[str(kind) for kind in kinds], **given)
    Rule.objects.filter(pk=rule.pk).update(made_at=AT - timedelta(days=30))
    rule.destinations.set(destinations)
    rule.actors.set(actors)
    rule.groups.set(groups)
    return rule


def make_delivery(destination, occurrence=None, **fields):
    given = {"due_at": AT, "made_at": AT, **fields}
    return Delivery.objects.create(destination=destination, occurrence=occurrence, **given)
