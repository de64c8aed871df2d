"""Proposed addresses: nothing before an editor's yes; a refusal is remembered; impostors are warned of."""

from datetime import date

import pytest

from apps.backoffice.forms import AccountAddForm
from apps.collecting.models import Collection
from apps.collectors.types import Target
from apps.intake import proposals
from apps.intake.bulk_add import judge
from apps.intake.proposals import Proof, Undecidable, confirm, propose, refuse
from apps.registry.models import Account, Impostor, Proposal, Verification
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshot, make_source

pytestmark = pytest.mark.django_db
QUEUE = "/admin/proposals/"


@pytest.fixture
def editor():
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def make_proposal(actor=None, platform="telegram", handle="bodykz", **fields):
    values = {
        "grade": "A",
        "proof": "Linked from its home page",
        "source": make_source("home", url="https://body.kz/"),
    }
    return Proposal.objects.create(
        actor=actor or make_actor(), platform=platform, handle=handle, **(values | fields)
    )


def test_confirming_tracks_the_account_and_notes_who_and_why(editor):
    account = confirm(make_proposal(), editor)
    assert (account.handle, account.source.key) == ("bodykz", "home")
    assert Collection.objects.filter(account=account).exists()
    verification = Verification.objects.get(account=account)
    assert (verification.by, verification.url) == (editor, "https://body.kz/")
    assert "Linked from its home page" in verification.proof
    with pytest.raises(Undecidable, match="decided"):
        confirm(Proposal.objects.get(), editor)


def test_before_that_nothing_is_tracked_or_public(client):
    proposal = make_proposal()
    assert not Account.objects.exists()
    assert "bodykz" not in client.get(f"/en/actors/{proposal.actor.slug}/").content.decode()


def test_a_missing_address_is_filled_with_its_history(editor):
    account = make_account("body", platform="telegram", handle="")
    make_snapshot(account, "2022", 5)
    assert confirm(make_proposal(account.actor), editor) == account
    account.refresh_from_db()
    assert (account.handle, account.snapshots.count(), Account.objects.count()) == ("bodykz", 1, 1)


def test_an_address_of_somebody_else_is_not_taken(editor):
    make_account("other", platform="telegram", handle="BodyKZ")
    with pytest.raises(Undecidable, match="tracked"):
        confirm(make_proposal(), editor)
    assert Proposal.objects.waiting().count() == 1


def test_a_refusal_needs_a_reason_and_is_remembered(editor):
    proposal = make_proposal()
    with pytest.raises(Undecidable, match="reason"):
        refuse(proposal, editor, " ")
    refuse(proposal, editor, "Not kept up")
    again = propose(
        proposal.actor, Target("telegram", "BODYKZ"), Proof("A", "", "https://body.kz/", date(2026, 1, 1))
    )
    assert again is None
    assert Proposal.objects.get().reason == "Not kept up"


def test_the_better_proof_wins():
    proposal = make_proposal(grade="B")
    propose(proposal.actor, proposal.target, Proof("C", "weaker", "", date(2026, 1, 1)))
    proposal.refresh_from_db()
    assert (proposal.grade, proposal.proof) == ("B", "Linked from its home page")
    propose(
        proposal.actor,
        proposal.target,
        Proof("A", "home page", "https://body.kz/", date(2026, 1, 1), agreeing=2),
    )
    proposal.refresh_from_db()
    assert (proposal.grade, proposal.proof, proposal.agreeing) == ("A", "home page", 2)


def test_impostors_are_warned_of_wherever_they_are_pasted(desk, editor):
    Impostor.objects.create(platform="x", handle="KazakhstanGovt", said_by="Press service", day="2020-10-01")
    form = AccountAddForm(
        {"actor": make_actor("government").pk, "address": "https://twitter.com/kazakhstangovt"}
    )
    assert "called false (Press service, 2020-10-01)" in str(form.errors["address"])
    (line,) = judge("Government;https://x.com/KazakhstanGovt")
    assert "called false" in line.problem
    proposal = make_proposal(platform="x", handle="kazakhstangovt")
    assert "called false" in desk.get(QUEUE).content.decode()
    with pytest.raises(Undecidable, match="impostor"):
        confirm(proposal, editor)
    assert propose(make_actor(), Target("x", "KazakhstanGovt"), Proof("A", "", "", date(2026, 1, 1))) is None


def test_the_queue_decides_one_and_many(desk):
    actor = make_actor("body")
    first, second, third = (make_proposal(actor, platform=one) for one in ("telegram", "x", "vk"))
    page = desk.get(QUEUE).content.decode()
    assert page.count("data-proposal=") == 3
    assert f'value="{first.pk},{third.pk},{second.pk}"' in page  # those of one source, together
    assert desk.post(QUEUE, {"ids": str(first.pk), "confirm": "1"}).status_code == 302
    told = desk.post(
        QUEUE, {"ids": str(second.pk), "refuse": "No longer kept up"}, headers={"accept": "application/json"}
    )
    assert told.json() == {"done": 1, "problems": [], "left": 1}
    told = desk.post(QUEUE, {"ids": str(second.pk), "confirm": "1"}, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["done"]) == (409, 0)
    assert Account.objects.filter(actor=actor).count() == 1
    assert Proposal.objects.get(pk=second.pk).reason == "No longer kept up"


@pytest.mark.parametrize("ids", ["", "x", "999999999999999999999", "1,2,3"])
def test_ids_that_are_none_change_nothing(desk, ids):
    assert desk.post(QUEUE, {"ids": ids, "confirm": "1"}).status_code == 302


def test_only_editors_decide(client):
    client.force_login(User.objects.create_user("officer"))
    assert client.get(QUEUE).status_code == 302


def test_the_first_page_says_how_many_wait(desk):
    make_proposal()
    assert "1 proposed address waits for an editor." in desk.get("/admin/").content.decode()


def test_problems_have_their_sentences():
    from apps.backoffice.pages.proposals import PROBLEMS

    assert set(PROBLEMS) == {"decided", "tracked", "impostor", "reason"}
    assert proposals.Undecidable("decided").code in PROBLEMS


def test_the_day_of_a_proof_stands_as_on_the_pages(desk):
    make_proposal(proof_day=date(2018, 3, 1), proof_span=2)
    page = desk.get(f"{QUEUE}?language=kk", follow=True).content.decode().replace("\u00a0", " ")
    assert '<time datetime="2018-03">2018 ж. наурыз</time>' in page
