"""What an editor changes is kept with who did it and when; what collecting writes leaves no row."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
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
from tests.runtime.processes import wait_for
from tests.runtime.test_up import free_port

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


# Behind a pooler that gives every transaction another session (PgBouncer in transaction mode).


@pytest.mark.django_db(transaction=True)
def test_nothing_of_it_stays_with_the_session(editor):
    """Neither after writes that commit by themselves nor after transactions: the session names nobody in between."""

    def named():
        connection.ensure_connection()  # asked past Django, and past what tells who acts
        row = connection.connection.execute(
            "SELECT coalesce(current_setting('kzmedia.by', true), '')"
        ).fetchone()
        return row[0]

    with audit.acting(editor):
        make_actor("alone")
        assert named() == ""
        with transaction.atomic():
            make_actor("first")
            with transaction.atomic():
                make_actor("nested")
            assert named() == str(editor.pk)
        assert named() == ""
        with transaction.atomic():
            make_actor("undone")
            transaction.set_rollback(True)
        make_actor("after")
        with transaction.atomic():
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                raise ZeroDivisionError
            make_actor("after a savepoint")
        actors = Actor.objects.filter(slug="alone")
        assert actors.update(note="changed") == 1
    make_actor("nobody")
    assert named() == ""
    by = {
        change.after.get("slug"): change.by
        for change in Change.objects.filter(table="tracking_actor", what="INSERT")
    }
    assert by == dict.fromkeys(["alone", "first", "nested", "after", "after a savepoint"], editor) | {
        "nobody": None
    }
    assert Change.objects.filter(table="tracking_actor", what="UPDATE").get().by == editor


@pytest.mark.django_db(transaction=True)
def test_one_who_begins_to_act_within_a_transaction(editor):
    other = User.objects.create_user("other")
    with transaction.atomic():
        make_actor("before")
        with audit.acting(editor):
            make_actor("own")
            with audit.acting(other):
                make_actor("other's")
            make_actor("own again")
        make_actor("behind")
    by = {change.after["slug"]: change.by for change in Change.objects.filter(table="tracking_actor")}
    assert by == {"before": None, "own": editor, "other's": other, "own again": editor, "behind": None}


@pytest.fixture
def pooled(tmp_path):
    """Provide PgBouncer in transaction mode, a few sessions for many, before the test's database: settings of a
    connection."""
    own = connection.settings_dict
    port = free_port()
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kzm-pool-", dir="/tmp"))
    (folder / "users.txt").write_text(f'"{own["USER"]}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"""[databases]
* = host={own["HOST"]} {f"port={own['PORT']}" if own["PORT"] else ""}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = extra_float_digits,options
"""
    )
    for place in (folder, *folder.iterdir()):
        place.chmod(0o755)
    with (tmp_path / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 our own words
            [shutil.which("pgbouncer"), folder / "pgbouncer.ini"], stdout=log, stderr=log,
            user=user.pw_uid if user else None, group=user.pw_gid if user else None,
        )  # fmt: skip
    try:
        wait_for(lambda: is_open(port), 20, "PgBouncer")
        yield {**own, "HOST": "127.0.0.1", "PORT": port}
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def is_open(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


@pytest.mark.faults
@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="PgBouncer is not installed")
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_changes_by_way_of_a_pooler(pooled):
    """Twenty people at once on four sessions, some of them nobody: each change is its own person's."""
    people = [None, *(User.objects.create_user(f"u{number}") for number in range(19))]

    def work(number):
        connections["default"].settings_dict = dict(pooled)  # of this thread alone
        user = people[number]
        try:
            for turn in range(500):
                with audit.acting(user):
                    if turn % 2:
                        Event.objects.create(
                            key=f"e{number}-{turn}", starts="2019-01-01", title_en=str(number)
                        )
                    else:
                        with transaction.atomic():
                            Event.objects.create(
                                key=f"e{number}-{turn}", starts="2019-01-01", title_en=str(number)
                            )
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(work, range(len(people))))
    changes = Change.objects.filter(table="context_event").values_list("after__title_en", "by")
    assert len(changes) == 10_000
    assert [row for row in changes if people[int(row[0])] != (row[1] and User.objects.get(pk=row[1]))] == []
