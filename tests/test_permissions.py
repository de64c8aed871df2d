"""Who may what: every address of the site, by every kind of person. A new address without a row here fails."""

import logging
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.template.backends.django import Template as DjangoTemplate
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from apps.api.models import ApiToken
from apps.collecting.models import PlatformState
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.ledger import sealing
from apps.registry.models import Impostor, Membership, Proposal, SiteVisit, Succession, Verification
from apps.snapshots import correction_requests
from apps.snapshots.models import Correction, Doubt
from apps.users.models import Change, User
from apps.users.roles import editors
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_source
from tests.permissions import DESK, MODELS, ROWS

pytestmark = pytest.mark.django_db

PEOPLE = ("reader", "viewer", "officer", "stranger", "editor", "admin")  # stranger: of another body
NOBODY = UUID("4b0a4f0e-1111-4111-8111-111111111111")


def routes(patterns=None, before=""):
    """Yield every route of the URL configuration, without the language in front."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern).removeprefix("en/")
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def of_models():
    """Yield the rows of the desk's tables: a page each for the list, a new row, history, deletion, change."""
    for model, (listed, added, history, deleted, changed) in MODELS.items():
        for page, statuses in [
            ("", listed),
            ("add/", added),
            ("<path:object_id>/history/", history),
            ("<path:object_id>/delete/", deleted),
            ("<path:object_id>/change/", changed),
            ("<path:object_id>/", "302 302"),
        ]:
            address = f"admin/{model}/{page}".replace("<path:object_id>", f"{{{model.partition('/')[2]}}}")
            yield f"admin/{model}/{page}", "GET", f"/{address}", DESK.format(statuses)


def rows():
    return [*ROWS, *of_models()]


@pytest.fixture
def known():
    """Provide one of everything, by the names that addresses in the table use."""
    actor, other = make_actor("ministry"), make_actor("other")
    account = make_account(actor, "bluesky", "minpage")
    snapshot = make_snapshot(account, "2026-01-05", 5)
    officer = User.objects.create_user("officer")
    people = {
        "viewer": User.objects.create_user("viewer"),
        "officer": officer,
        "stranger": User.objects.create_user("stranger"),
        "editor": User.objects.create_user("editor", is_staff=True),
        "admin": User.objects.create_superuser("admin"),
    }
    source = make_source()
    indicator = Indicator.objects.create(key="i", label_en="I", unit="u")
    made = {
        "actor": actor,
        "account": account,
        "snapshot": snapshot,
        "group": make_group("bodies", [actor, other]),
        "source": source,
        "membership": Membership.objects.create(user=officer, actor=actor),
        "correctionrequest": correction_requests.ask(actor, {"wrong": "A misprint"}),
        "platformstate": PlatformState.objects.create(platform="x"),
        "doubt": Doubt.objects.create(
            account=account, day="2026-01-06", followers=0, why="zero", against=5, source=source, seen_at=timezone.now()
        ),
        "correction": Correction.objects.create(
            snapshot=snapshot, old={}, new={}, reason="r", by=people["admin"], at=timezone.now()
        ),
        "indicator": indicator,
        "indicatorvalue": IndicatorValue.objects.create(
            indicator=indicator, geo="KZ", day="2022-01-01", value=5, source=source
        ),
        "event": Event.objects.create(key="e", starts="2019-01-01", title_en="E"),
        "succession": Succession.objects.create(before=actor, after=other, relation="renamed", day="2022-01-01"),
        "verification": Verification.objects.create(account=account, proof="Its own page"),
        "proposal": Proposal.objects.create(actor=actor, platform="x", handle="minx", grade="A"),
        "impostor": Impostor.objects.create(platform="x", handle="fake", said_by="The body"),
        "sitevisit": SiteVisit.objects.create(actor=actor, at=timezone.now(), address="https://min.example/"),
        "claim": Claim.objects.create(actor=actor, comparator=other, platform="x", relation="more", source=source),
        "apitoken": ApiToken.objects.create(user=officer, name="t", scopes=["read"]),
        "user": officer,
    }  # fmt: skip
    made["change"] = Change.objects.filter(table="tracking_actor").first()
    Membership.objects.create(user=people["stranger"], actor=other)
    made["reply"] = correction_requests.reply(actor, {"en": "So"}, day=timezone.localdate(), by=officer)
    sealing.seal()
    names = {name: one.pk for name, one in made.items()}
    names |= {
        "asked": made["correctionrequest"].key,
        "nobody": NOBODY,
        "type": ContentType.objects.get_for_model(actor).pk,
    }
    return people, names


def clients(people):
    signed_in = {"reader": Client(raise_request_exception=False)}
    for name, user in people.items():
        signed_in[name] = Client(raise_request_exception=False)
        signed_in[name].force_login(user)
    return signed_in


PLAIN = (
    "healthz",
    "readyz",
    "metrics",
    "robots.txt",
    "sitemap",
    "opensearch.xml",
    "data/catalog",
    "feeds",
    "unsubscribe",
    "confirm/",
    "export",
    "api/",
    "data/ledger/l",
    "data/package",
    "data/ledger/v",
    "data/ledger/1",
    "embed",
    "picture",
    "oembed",
    "admin",
)


def status(client, method, address):
    if not address[1:].startswith(PLAIN):
        address = f"/en{address}"
    response = client.post(address) if method == "POST" else client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


def test_every_address_has_a_row():
    told = {route for route, _method, _address, _statuses in rows()}
    every = set(routes())
    twins = {route for route in every if f"{route}/" in every}  # the API's, without the last slash
    assert {f"{route.rstrip('/')}/" for route in every - twins} - {
        f"{one.rstrip('/')}/" for one in told
    } == set()
    assert told - every == set()


def test_who_may_what(known, monkeypatch):
    # A status does not hang on the words of a page, and 1,400 pages take long to write.
    monkeypatch.setattr(DjangoTemplate, "render", lambda *_args, **_more: "")
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # each refusal writes a traceback
    people, names = known
    signed_in = clients(people)
    wrong = []
    for route, method, address, expected in rows():
        given = [status(signed_in[who], method, address.format(**names)) for who in PEOPLE]
        if " ".join(map(str, given)) != expected:
            wrong.append((route, method, address, " ".join(map(str, given))))
    assert wrong == []


def test_an_editor_keeps_data_and_not_people():
    editor = User.objects.create_user("editor", is_staff=True)
    for may in ("snapshots.change_snapshot", "registry.add_account", "context.delete_event"):
        assert editor.has_perm(may)
        assert may in editors()
    for may_not in ("users.change_user", "registry.change_membership", "registry.add_membership", "api.add_apitoken"):  # fmt: skip
        assert not editor.has_perm(may_not)
    editor.is_active = False
    assert not editor.has_perm("snapshots.change_snapshot")


def test_a_viewer_and_an_officer_have_no_permission_of_the_desk():
    viewer = User.objects.create_user("viewer")
    assert not viewer.get_all_permissions()
    assert not viewer.has_module_perms("registry")
    assert settings.AUTHENTICATION_BACKENDS[-1] == "apps.users.roles.RolePermissions"
