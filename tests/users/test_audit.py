"""What an editor changes is kept with who did it and when; what collecting writes leaves no row."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.collecting import identity
from apps.collectors.types import Kind, Outcome, Target
from apps.context.models import Event
from apps.registry.models import Account, Actor
from apps.snapshots.models import Correction
from apps.snapshots.recording import correct
from apps.users import audit
from apps.users.models import Change, User
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_source
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def newest(table):
    return Change.objects.filter(table=table).first()


def test_a_change_at_the_desk_says_who_and_what(desk, editor):
    event = Event.objects.create(key="e", starts="2019-01-01", title_en="Old")
    fields = {"key": "e", "starts": "2019-01-01", "starts_span": "3", "title_en": "New", "title_ru": "", "title_kk": ""}  # fmt: skip
    answer = desk.post(reverse("admin:context_event_change", args=[event.pk]), fields)
    assert answer.status_code == 302
    change = newest("context_event")
    assert (change.by, change.key, change.what) == (editor, str(event.pk), "UPDATE")
    assert (change.before, change.after) == ({"title_en": "Old"}, {"title_en": "New"})


def test_after_the_request_nobody_is_at_work(desk):
    desk.post(reverse("admin:context_event_add"), {})
    make_actor("later")
    assert newest("tracking_actor").by is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('kzmedia.by', true)")
        assert cursor.fetchone() == ("",)


def test_reading_asks_the_database_nothing_more(desk):
    address = reverse("admin:context_event_add")
    with CaptureQueriesContext(connection) as asked:
        desk.get(address)
    assert not [query["sql"] for query in asked if "kzmedia.by" in query["sql"]]


def test_one_within_another(editor):
    other = User.objects.create_user("other")
    with audit.acting(editor):
        with audit.acting(other):
            make_actor("inner")
        make_actor("outer")
    assert [change.by for change in Change.objects.filter(table="tracking_actor")] == [editor, other]


def test_even_what_goes_round_the_models_is_kept(editor):
    actor = make_actor("a", name_en="Old")
    with audit.acting(editor), connection.cursor() as cursor:
        cursor.execute("UPDATE tracking_actor SET name_en = 'New' WHERE id = %s", [actor.pk])
    change = newest("tracking_actor")
    assert (change.by, change.before["name_en"], change.after) == (editor, "Old", {"name_en": "New"})


def test_saving_the_same_is_no_change():
    actor = make_actor("a")
    count = Change.objects.count()
    actor.save()
    assert Change.objects.count() == count


def test_members_of_a_group_and_a_deletion(editor):
    actor = make_actor("a")
    group = make_group("g")
    with audit.acting(editor):
        group.members.add(actor)
        group.delete()
    assert newest("tracking_group_members").before == {"group_id": int(newest("tracking_group").key), "actor_id": actor.pk}  # fmt: skip
    assert newest("tracking_group").what == "DELETE"


def test_no_secret_and_no_visit_is_kept(editor):
    with audit.acting(editor):
        editor.set_password("eight wild horses")
        editor.save()
    assert newest("users_user").what == "INSERT"
    assert "password" not in newest("users_user").after


def test_a_correction_is_kept_with_who(editor):
    snapshot = make_snapshot(make_account(), "2022", 5)
    with audit.acting(editor):
        correct(snapshot, state="counted", followers=6, bound="=", precision="exact", reason="r", by=editor)
    assert newest("tracking_correction").key == str(Correction.objects.get().pk)


def test_collecting_leaves_no_row():
    account = make_account("a", "bluesky", "one")
    make_source()
    count = Change.objects.count()
    outcome = Outcome(
        Target("bluesky", handle="one"),
        Kind.COUNTED,
        followers=5,
        platform_id="did:1",
        handle="two",
        title="T",
        verified=True,
    )
    identity.settle([(account, outcome, datetime.now(UTC))])
    assert Account.objects.get().handle == "two"
    make_snapshot(account, "2026-01-01", 5)
    assert Change.objects.count() == count


def test_the_page_shows_it_and_a_row_its_own(desk, editor):
    with audit.acting(editor):
        actor = make_actor("a")
        Actor.objects.filter(pk=actor.pk).update(note="Looked at")
        make_actor("b")
    page = desk.get(reverse("admin:registry_actor_history", args=[actor.pk]), follow=True).content.decode()
    assert "note: – → Looked at" in page
    assert "editor" in page
    assert "b en" not in page
    everything = reverse("admin:users_change_changelist")
    assert "b en" in desk.get(everything).content.decode()
    assert "b en" in desk.get(f"{everything}?by={editor.pk}").content.decode()
    assert "b en" not in desk.get(f"{everything}?by=0").content.decode()


def test_people_are_shown_to_admins_alone(client, desk):
    address = reverse("admin:users_change_changelist") + "?table__exact=users_user"
    assert "added user" not in desk.get(address).content.decode()
    client.force_login(User.objects.create_superuser("admin"))
    assert "added user" in client.get(address).content.decode()


def test_cost_does_not_grow(desk):
    address = reverse("admin:users_change_changelist")
    make_actor("a")
    few = count_queries(desk, address)
    for number in range(20):
        make_actor(f"a{number}")
    assert count_queries(desk, address) == few
