"""By invitation only: a link that works once, for one person, for some days."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.registry.models import Membership
from apps.users import invitations
from apps.users.models import Invitation, User
from tests.builders import make_actor
from tests.users.conftest import PASSWORD, delivered, set_up_app

pytestmark = pytest.mark.django_db

FILLED = {
    "username": "dana",
    "first_name": "Dana",
    "last_name": "",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def invite(capsys, *arguments):
    """Return the path of the link that the command prints."""
    call_command("invite", *arguments)
    return re.search(r"https?://[^/]+(/\S+)", capsys.readouterr().out).group(1)


def test_a_press_officer_comes_in_and_stands_at_their_body(client, capsys):
    make_actor("ministry")
    link = invite(capsys, "dana@example.kz", "--actor", "ministry", "--language", "kk")
    assert link.startswith("/kk/invitation/")
    page = client.get(link)
    assert page.status_code == 200
    assert "ministry kk" in page.content.decode()
    assert client.post(link, FILLED).headers["Location"] == "/kk/me/"
    user = User.objects.get(username="dana")
    assert (user.email, user.is_staff, user.is_superuser) == ("dana@example.kz", False, False)
    assert Membership.objects.get(user=user).actor.slug == "ministry"
    assert user.emailaddress_set.get().verified
    assert client.get("/kk/me/").status_code == 200


@pytest.mark.parametrize(("role", "staff", "admin"), [("editor", True, False), ("admin", True, True)])
def test_whoever_edits_is_led_to_the_second_factor(client, capsys, role, staff, admin):
    link = invite(capsys, "dana@example.kz", "--role", role)
    client.post(link, FILLED)
    user = User.objects.get(username="dana")
    assert (user.is_staff, user.is_superuser) == (staff, admin)
    assert client.get("/admin/").headers["Location"].startswith("/en/accounts/2fa/")
    set_up_app(client)
    assert client.get("/admin/").status_code == 200


def test_a_link_works_once_however_often_it_is_looked_at(client, capsys):
    link = invite(capsys, "dana@example.kz")
    for _look in range(3):
        assert client.get(link).status_code == 200
    client.post(link, FILLED)
    other = Client()
    assert other.get(link).status_code == 404
    assert other.post(link, {**FILLED, "username": "eve"}).status_code == 404
    assert list(User.objects.values_list("username", flat=True)) == ["dana"]


def test_two_at_once_open_one_account(capsys):
    """Both have read the page's form as valid before either is saved."""
    link = invite(capsys, "dana@example.kz")
    found = invitations.open_one(link.rstrip("/").rpartition("/")[2])
    invitations.accept(found, User(username="dana"))
    with pytest.raises(invitations.NoInvitation):
        invitations.accept(found, User(username="eve"))
    assert User.objects.count() == 1


def test_its_time_ends(client, capsys):
    link = invite(capsys, "dana@example.kz")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 404
    assert client.post(link, FILLED).status_code == 404


@pytest.mark.parametrize("token", ["made-up", "a" * 43, "%00"])
def test_a_made_up_link_opens_nothing(client, token):
    assert client.get(f"/en/invitation/{token}/").status_code in (400, 404)


@pytest.mark.parametrize(
    "wrong",
    [{"password1": "short", "password2": "short"}, {"password2": "another one"}, {"username": ""}, {"password1": "password123", "password2": "password123"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_uses_nothing_up(client, capsys, wrong):
    link = invite(capsys, "dana@example.kz")
    answer = client.post(link, {**FILLED, **wrong})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not User.objects.exists()
    assert client.post(link, FILLED).status_code == 302


def test_only_the_hash_is_kept(capsys):
    token = invite(capsys, "dana@example.kz").rstrip("/").rpartition("/")[2]
    kept = Invitation.objects.get()
    assert token not in repr(vars(kept))


@pytest.mark.parametrize(
    "arguments",
    [("no address",), ("a@example.kz", "--actor", "nobody"), ("bob@example.kz",), ("a@example.kz", "--role", "editor", "--actor", "ministry")],
)  # fmt: skip
def test_the_command_refuses(arguments, officer):
    make_actor("ministry")
    with pytest.raises(CommandError):
        call_command("invite", *arguments)
    assert not Invitation.objects.exists()


def test_an_admin_invites_from_the_desk_and_withdraws(client, editor, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    actor = make_actor("ministry")
    client.force_login(editor)
    page = client.post(
        "/admin/invite/", {"email": "dana@example.kz", "role": "press_officer", "actor": actor.pk}
    ).content.decode()
    link = re.search(r'class="made-link">https?://[^/]+([^<]+)<', page).group(1)
    assert link in delivered()[0].body
    assert delivered()[0].to == ["dana@example.kz"]
    assert link not in client.get("/admin/invite/").content.decode()  # told once
    assert Client().get(link).status_code == 200
    client.post(f"/admin/invite/{Invitation.objects.get().pk}/withdraw/")
    assert Client().get(link).status_code == 404


def test_editors_invite_nobody(client, officer):
    officer.is_staff = True
    officer.save()
    client.force_login(officer)
    assert client.get("/admin/invite/").status_code == 403
    assert client.post("/admin/invite/", {"email": "a@example.kz", "role": "admin"}).status_code == 403
    assert not Invitation.objects.exists()
