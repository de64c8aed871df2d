"""An actor that is hidden stands at no public address, and nothing of it is lost."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.context.models import Claim
from apps.registry.models import Actor, HandleChange, OldSlug
from apps.snapshots import correction_requests
from apps.snapshots.models import Correction, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_actor, make_group, make_snapshots, make_source
from tests.permissions import BY_STATUS

pytestmark = pytest.mark.django_db
SECRET = "zhasyryn"  # noqa: S105 a name
PLAIN = ("healthz", "feeds", "export", "api/", "embed", "picture", "oembed")


@pytest.fixture
def hidden():
    """Provide a hidden actor with one of all that could show it, beside a public one, `ministry`, in the group
    `bodies`."""
    editor = User.objects.create_superuser("editor")
    actor = make_actor(SECRET)
    public = make_actor("ministry", succeeds=actor)
    public.peers.add(actor)
    for one in (actor, public):
        account = make_account(one, "telegram", f"{one.slug}page", title=f"{one.slug} title")
        make_snapshots(account, {"2017": 500, "2026-10-05": 1_000, "2026-11-05": 5_000})
    first = Snapshot.objects.filter(account__actor=actor).first()
    Correction.objects.create(
        snapshot=first, old={"followers": 1}, new={"followers": 5}, reason=f"{SECRET} why", by=editor, at=timezone.now()
    )  # fmt: skip
    make_group("bodies", [actor, public], actor)
    OldSlug.objects.create(slug=f"{SECRET}-old", actor=actor)
    HandleChange.objects.create(
        account=first.account, old=f"{SECRET}0", new=f"{SECRET}page", noticed_at=timezone.now()
    )
    Claim.objects.create(
        actor=public, comparator=actor, platform="telegram", relation="more", source=make_source()
    )
    asked = correction_requests.ask(actor, {"wrong": f"{SECRET} is wrong"})
    correction_requests.answer(asked, "refused", f"{SECRET} is right", by=editor)
    correction_requests.reply(actor, {"en": f"{SECRET} says"}, day=timezone.localdate(), by=editor)
    actor.hidden = True
    actor.hidden_because = "A court's order"
    actor.save()
    return actor


def public_addresses():
    """Yield all that a reader gets of the table of addresses, with what they choose."""
    for method, statuses, rows in BY_STATUS:
        if method == "GET" and statuses.startswith("200"):
            for row in rows:
                address = f"/{row}" if isinstance(row, str) else row[1]
                if "{" not in address and not address.startswith(("/accounts/", "/admin")):
                    yield address if address[1:].startswith(PLAIN) else f"/en{address}"
    yield from (
        f"/en/search/?q={SECRET[:5]}",
        "/en/compare/?actor=ministry&platform=telegram",
        "/en/groups/bodies/?view=line",
        "/en/standings/?platform=telegram&on=2026-11-05&since=2026-10-05",
        f"/export/trend.csv?actor={SECRET}",
        f"/export/snapshots.csv?actor={SECRET}",
        f"/api/v1/snapshots/?actor={SECRET}",
        "/embed/groups/bodies/",
        "/embed/actors/ministry/",
    )


@pytest.mark.parametrize("address", sorted(set(public_addresses())))
def test_it_stands_nowhere(client, hidden, address):
    response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"".join(packed.read(name) for name in packed.namelist())
    told = body.replace(f"q={SECRET[:5]}".encode(), b"").replace(f"actor={SECRET}".encode(), b"")
    assert f"{SECRET} en".encode() not in told
    assert f"{SECRET}page".encode() not in told
    assert f"/actors/{SECRET}".encode() not in told


@pytest.mark.parametrize(
    "address",
    [
        f"/en/actors/{SECRET}/",
        f"/en/actors/{SECRET}-old/",
        f"/feeds/actors/{SECRET}.atom",
        f"/api/v1/actors/{SECRET}/",
        f"/embed/actors/{SECRET}/",
        f"/en/corrections/ask/?actor={SECRET}",
    ],
)
def test_its_own_addresses_are_none(client, hidden, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", [f"/embed/actors/{SECRET}", f"/picture/actors/{SECRET}.png"])
def test_a_chart_that_was_shown_is_gone_and_one_of_a_draft_never_was(client, hidden, address):
    answer = client.get(address)
    assert answer.status_code == 410
    assert f"{SECRET} en" not in answer.content.decode()
    Actor.objects.filter(pk=hidden.pk).update(is_draft=True)
    assert client.get(address).status_code == 404


def test_nothing_is_lost(client, hidden):
    assert Snapshot.objects.filter(account__actor=hidden).count() == 3
    hidden.hidden = False
    hidden.save()
    page = client.get(reverse("dashboard:actor", args=[SECRET])).content.decode()
    assert f"{SECRET} says" in page
    assert "5,000" in page
