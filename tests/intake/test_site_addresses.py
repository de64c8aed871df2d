"""find_addresses: proposals from a body's own site and from Wikidata; what vanished is told; no record changes."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.collectors import wikidata
from apps.collectors.patience import Patient
from apps.collectors.sites import reading
from apps.collectors.sites.reading import Refusal, read_site
from apps.intake import site_addresses, site_words, tasks
from apps.intake.site_addresses import PROOFS, find_addresses, find_due
from apps.registry.models import Account, Proposal, SiteVisit
from apps.registry.texts import is_known
from apps.users.models import User
from tests.builders import make_account, make_actor
from tests.collectors.conftest import _local_platforms, server, world
from tests.collectors.test_site_reading import Site
from tests.platforms.wikidata import know, statement

__all__ = ["_local_platforms", "server", "world"]
pytestmark = pytest.mark.django_db
HOME = (
    '<footer class="social"><a href="https://t.me/bodykz"></a><a href="https://x.com/bodykz"></a></footer>'
    '<!-- <a href="https://vk.com/bodykz"></a> --><main><p><a href="https://t.me/otherone">x</a></p></main>'
)


def opening(html):
    return lambda address, contact: read_site(address, contact, open_client=Site({"https://body.kz/": html}))


@pytest.fixture
def body():
    return make_actor("body", website="https://body.kz/")


def test_what_the_site_names_is_proposed_with_its_proof(body):
    findings = find_addresses(body, open_site=opening(HOME))
    waiting = {one.platform: (one.handle, one.grade, one.locator) for one in Proposal.objects.waiting()}
    assert waiting == {
        "telegram": ("bodykz", "A", "https://body.kz/"),
        "x": ("bodykz", "A", "https://body.kz/"),
    }
    assert {one.proof_day for one in findings.proposals} == {timezone.localdate()}
    assert not Account.objects.exists()


def test_what_is_tracked_is_not_proposed_and_not_changed(body):
    account = make_account(body, platform="telegram", handle="BodyKZ")
    find_addresses(body, open_site=opening(HOME))
    account.refresh_from_db()
    assert account.handle == "BodyKZ"
    assert not Proposal.objects.filter(platform="telegram").exists()


def test_a_second_visit_tells_what_vanished(body, client):
    find_addresses(body, open_site=opening(HOME))
    findings = find_addresses(body, open_site=opening(HOME.replace("x.com/bodykz", "x.com/bodykz_new")))
    assert (findings.gone, findings.new) == (["x/bodykz"], ["x/bodykz_new"])
    assert "x/bodykz" in " ".join(site_words.say(findings))
    client.force_login(User.objects.create_user("editor", is_staff=True))
    assert "1 body&#x27;s site no longer names an account." in client.get("/admin/").content.decode()
    assert "x/bodykz" in client.get("/admin/registry/sitevisit/?needs=gone").content.decode()


def test_a_refused_proposal_is_not_made_again(body):
    find_addresses(body, open_site=opening(HOME))
    Proposal.objects.update(state="refused", reason="no")
    assert find_addresses(body, open_site=opening(HOME)).proposals == []


def test_a_site_that_cannot_be_read_is_said_in_a_sentence(body):
    def refuse(address, contact):
        raise Refusal("private_address")

    findings = find_addresses(body, open_site=refuse)
    assert site_words.say(findings) == ["The website leads to a private or local network, which is not read."]
    visit = SiteVisit.objects.get()
    assert (visit.problem, visit.accounts) == ("private_address", [])
    find_addresses(body, open_site=opening(HOME))
    assert SiteVisit.objects.order_by("-at").first().gone == []  # nothing was known to vanish


def test_wikidata_agrees_or_proposes_by_itself(body, server, world):
    body.wikidata_id = "Q1"
    know(world, "Q1", statement("P3789", "bodykz"), statement("P2003", "bodygram"))
    with Patient(server.at("wikidata"), "a@b.kz", pause=0) as wiki:
        find_addresses(body, open_site=opening(HOME), wiki=wiki)
    telegram = Proposal.objects.get(platform="telegram")
    assert (telegram.grade, telegram.agreeing) == ("A", 2)
    instagram = Proposal.objects.get(platform="instagram")
    assert (instagram.grade, instagram.handle) == ("B", "bodygram")
    assert instagram.locator == f"{wikidata.SHOWN_AT}/wiki/Q1"


def test_it_repeats_after_a_year(body):
    ended = make_actor("ended", website="https://ended.kz/", ended="2020-01-01")
    for actor in (body, ended):
        SiteVisit.objects.create(actor=actor, at=timezone.now() - timedelta(days=366), address=actor.website)
    make_actor("never", website="https://never.kz/")
    assert list(find_due(timezone.localdate())) == [body]
    SiteVisit.objects.create(actor=body, at=timezone.now(), address=body.website)
    assert not find_due(timezone.localdate())


def test_the_command_says_what_came_of_it(body, monkeypatch):
    monkeypatch.setattr(site_addresses, "read_site", None)
    monkeypatch.setattr(find_addresses, "__kwdefaults__", {"open_site": opening(HOME), "wiki": None})
    out = StringIO()
    call_command("find_addresses", "body", stdout=out)
    assert "body: 2 addresses are proposed." in out.getvalue()
    assert "2 proposed addresses wait for an editor." in out.getvalue()
    with pytest.raises(CommandError, match="nobody"):
        call_command("find_addresses", "nobody")


def test_the_button_has_a_worker_look(body, client, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "apps.backoffice.pages.proposals.begin_looking", lambda actor: asked.append(actor) or True
    )
    client.force_login(User.objects.create_user("editor", is_staff=True))
    address = f"/admin/proposals/look/{body.pk}/"
    assert address in client.get(f"/admin/registry/actor/{body.pk}/change/").content.decode()
    assert client.post(address).status_code == 302
    assert asked == [body]
    assert client.get(address).status_code == 405
    client.post(f"/admin/proposals/look/{make_actor('without').pk}/")
    assert asked == [body]


def test_the_task_leaves_who_is_gone_alone():
    tasks.look_at_site(123456)


def test_every_refusal_and_every_proof_has_its_words():
    assert set(reading.CODES) <= set(site_words.PROBLEMS)
    assert all(is_known(text, code) for text in PROOFS.values() for code in ("ru", "kk"))
