"""Drafts: nobody but editors sees a new actor or group before it is published; names come in the page's language."""

import pytest
from django.db import IntegrityError
from django.utils import translation

from apps.registry import services
from apps.registry.models import Actor, Group
from apps.users.models import User
from tests.builders import make_account, make_actor, make_group, make_snapshot

pytestmark = pytest.mark.django_db

GROUP_PAGES = (
    "/en/groups/bodies/",
    "/feeds/groups/bodies.atom",
    "/api/v1/groups/bodies/",
    "/embed/groups/bodies",
)


@pytest.fixture
def group():
    actor = make_actor("ministry")
    make_snapshot(make_account(actor), "2022", 5_000)
    return make_group("bodies", [actor, make_actor("other")], reference=actor, platform="facebook")


def test_a_draft_group_is_nowhere_to_be_seen_until_it_is_published(client, group):
    Group.objects.update(is_draft=True)
    statuses = [client.get(address).status_code for address in GROUP_PAGES]
    assert set(statuses) == {404}
    for address in (
        "/en/",
        "/en/groups/",
        "/en/actors/ministry/",
        "/en/compare/",
        "/en/data/",
        "/api/v1/groups/",
    ):
        assert "groups/bodies" not in client.get(address).content.decode(), address
    assert client.get("/api/v1/standings/?platform=facebook&group=bodies").status_code == 400
    assert services.publish(groups=[group.pk]) == 1
    assert [client.get(address).status_code for address in GROUP_PAGES] == [200] * len(GROUP_PAGES)
    assert "groups/bodies" in client.get("/en/groups/").content.decode()


def test_where_nothing_is_ticked_nothing_is_said_to_be_public(client):
    client.force_login(User.objects.create_user("editor", is_staff=True))
    page = client.post("/admin/publish/", follow=True).content.decode()
    assert "Nothing was ticked, and nothing is published." in page
    assert "public now" not in page


def test_a_draft_actor_is_hidden_until_it_is_published(client, group):
    draft = make_actor("newcomer", hidden=True, is_draft=True)
    kept_away = make_actor("kept-away", hidden=True, hidden_because="A court's order")
    assert client.get("/en/actors/newcomer/").status_code == 404
    assert services.publish(actors=[draft.pk, kept_away.pk]) == 1
    assert client.get("/en/actors/newcomer/").status_code == 200
    assert client.get("/en/actors/kept-away/").status_code == 404


def test_no_draft_is_public_by_law():
    with pytest.raises(IntegrityError):
        Actor.objects.create(slug="a", kind="party", name_en="A", is_draft=True)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_names_are_in_the_language_of_the_page(language, group):
    with translation.override(language):
        assert str(group.reference) == f"ministry {language}"
        assert str(group) == group.title(language)
