"""What people see in Kazakh and Russian, wherever it is: no Latin word that is in no list of names, no American date.

The desk, signing in and its second factor, errors, feeds, pictures and mails are walked; tests/dashboard/test_words.py has
the public pages.
"""

import html
import json
import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from django.contrib import admin
from django.core import mail
from django.core.cache import caches
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from apps.alerts import messages
from apps.alerts.models import Delivery
from apps.context.models import Event, Indicator
from apps.figures import pictures
from apps.figures.country import name_source
from apps.registry.models import (
    Account,
    Actor,
    Alias,
    Group,
    Impostor,
    Membership,
    Proposal,
    Source,
    Succession,
)
from apps.registry.texts import in_language
from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest
from apps.users import invitations
from apps.users.models import Invitation
from tests import reference
from tests.alerts.conftest import make_destination
from tests.builders import make_account, make_snapshots
from tests.dashboard.test_words import ALLOWED, AMERICAN, CODES, LANGUAGES, MONTHS, seen, titles

__all__ = ["titles"]

pytestmark = pytest.mark.django_db

PASSWORD = "nine-steppe-horses-7"  # noqa: S105
WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
READER = (
    "check/", "check/?one=abenov&other=president-press-office&platform=facebook&on=2022&claim=more", "context/", "context/events/", "unusual/",
    "accounts/signup/", "accounts/logout/", "accounts/inactive/", "accounts/password/reset/done/",
    "accounts/password/reset/key/1-x/", "accounts/password/reset/key/done/", "accounts/confirm-email/x/", "invitation/x/",
    "suggest/", "editions/freeze/?path=compare", "standings/?view=bump&platform=facebook", "compare/?view=index", "groups/nobody/", "editions/nothing/",
)  # fmt: skip
SIGNED_IN = (
    "accounts/2fa/", "accounts/2fa/totp/activate/", "accounts/2fa/recovery-codes/generate/", "accounts/2fa/webauthn/",
    "accounts/2fa/webauthn/add/", "accounts/reauthenticate/", "accounts/password/change/", "accounts/email/", "accounts/logout/",
    "me/", "me/alerts/", "me/alerts/rules/new/", "me/security/", "corrections/ask/?actor=abenov", "actors/abenov/",
)  # fmt: skip
FORMS = {
    "accounts/login/": {"login": "a", "password": "b"},
    "accounts/password/reset/": {"email": "x"},
    "accounts/password/change/": {"oldpassword": "x", "password1": "1234", "password2": "1"},
    "accounts/email/": {"email": "x", "action_add": ""},
    "corrections/ask/?actor=abenov": {"email": "x"},
    "suggest/": {"email": "x"},
    "me/alerts/rules/new/": {"floor_percent": "x", "quiet_from": "x"},
    "me/alerts/": {"address": "x", "way": "x"},
}
ERRORS = ("400.html", "403.html", "403_csrf.html", "404.html", "413.html", "414.html", "429.html", "500.html", "503.html")  # fmt: skip
EMPTY = {
    f"{part}-{count}_FORMS": 0
    for part in ("aliases", "accounts", "values", "values-2", "cells")
    for count in ("TOTAL", "INITIAL")
}
DESK = ("", "add/", "proposals/", "round/", "companion/", "publish/", "history/", "import/", "merge/accounts/", "merge/actors/", "password_change/", "invite/")  # fmt: skip
# Keys of a keyboard, formats, codes of languages, a party that writes itself so, what Django's Russian names.
NAMES = {"JavaScript", "PDF", "NDJSON", "cookie", "Cookie", "KZ", "kazinform", "mchs", "Enter", "Control", "Command", "Mac", "LDAP", "Single", "Sing-On", "TSV", "ODS", "English", "en", "kk", "Amanat"}  # fmt: skip
PUBLISHERS = ("We Are Social", "Hootsuite", "Global Digital", "Digital 20", "Digital in the Round", "Internet World Stats", "World Stats", "Media-System", "Brand Analytics", "Kcell", "Energyprom", "KAZ")  # fmt: skip
# The log shows rows as the database keeps them.
LOG = re.compile(r"^history/|/users/change/")


def latin(text, known):
    """Return the Latin words of a text that no list of names holds, and its American dates."""
    text = re.sub(r"doi:\S+|\S*\*{3,}", " ", html.unescape(text))  # and what is shown of a password
    for one in [*known, *CODES]:
        text = text.replace(one, " ")
    text = re.sub(
        r"https?://\S+|\S+@\S+|(?<=[\s(«])/[\w/.?=&%-]+|\S+\.(?:csv|xlsx|atom|json|zip|md|kz|org|com|py)\b",
        " ",
        text,
    )
    words = [word.strip("-'’") for word in WORD.findall(text)]
    return (
        [word for word in words if len(word) > 1 and word not in ALLOWED | NAMES]
        + AMERICAN.findall(text)
        + MONTHS.findall(text)
    )


def assert_no_latin(pages, known):
    """`pages`: texts by name."""
    wrong = {name: found for name, text in pages.items() if (found := latin(text, known))}
    assert wrong == {}, "\n".join(
        f"{name}: {' '.join(dict.fromkeys(found))[:400]}" for name, found in wrong.items()
    )


@pytest.fixture
def world(transactional_db):
    reference.load()
    today = timezone.localdate()
    make_snapshots(
        make_account("walker", "telegram"), {today - timedelta(days=age): 100 + age for age in (0, 1, 8, 40)}
    )


@pytest.fixture
def known(world, titles):
    """Names and what is quoted as it was published, the longest first."""
    columns = [
        (Alias, "text"), (Account, "note"), (Indicator, "key"), (Event, "key"), (Source, "key"), (Group, "slug"), (Account, "platform_id"),
        (Proposal, "handle"), (Proposal, "platform_id"), (Proposal, "proof"), (Proposal, "locator"), (Impostor, "handle"), (Impostor, "note"),
        (Succession, "locator"), (Succession, "note"),
    ]  # fmt: skip
    texts = {
        text
        for model, column in columns
        for text in model._default_manager.values_list(column, flat=True)
        if text
    }
    for source in Source.objects.all():
        texts |= {
            name_source(source),
            *(word for word in re.split(r"[;. ]+", source.authors) if len(word) > 3),
        }
        texts |= {in_language(source.title, language) for language in LANGUAGES}
    texts |= {source.container.split(",")[0] for source in Source.objects.all()}
    return sorted({*filter(None, texts), *titles(), *PUBLISHERS, "walker", "aigul"}, key=len, reverse=True)


def pages_of(client, language, paths, start=""):
    return {
        path: seen(client.get(f"/{language}/{path}" if not start else f"{start}{path}").content.decode())
        for path in paths
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_a_reader(client, known, language):
    assert_no_latin(pages_of(client, language, READER), known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_and_forms_of_who_is_signed_in(client, known, language, django_user_model):
    sent = {
        path: seen(client.post(f"/{language}/{path}", FORMS[path]).content.decode())
        for path in ("accounts/login/", "accounts/password/reset/")
    }
    user = django_user_model.objects.create_user("aigul", "aigul@example.org", PASSWORD)
    Membership.objects.create(user=user, actor=Actor.objects.get(slug="ministry-labor"))
    client.force_login(user)
    sent |= {
        path: seen(client.post(f"/{language}/{path}", fields).content.decode())
        for path, fields in FORMS.items()
        if path not in sent
    }
    assert_no_latin(
        pages_of(client, language, SIGNED_IN) | {f"sent {path}": text for path, text in sent.items()}, known
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors(known, language, rf):
    with translation.override(language):
        request = rf.get(f"/{language}/")
        request.session = {}
        pages = {name: seen(render_to_string(name, {"exception": ""}, request)) for name in ERRORS}
    assert_no_latin(pages, known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_feeds(client, known, language):
    paths = ("site.atom", "corrections.atom", "actors/abenov.atom", "groups/abenov-vs-agencies.atom")
    pages = {
        path: re.sub(
            r"(?s)<\?xml.*?\?>|<[^>]+>", "\n", client.get(f"/feeds/{path}?lang={language}").content.decode()
        )
        for path in paths
    }
    assert_no_latin(pages, known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk(client, known, language, admin_user):
    client.force_login(admin_user)
    client.cookies["django_language"] = language
    client.get(f"/admin/?language={language}")
    names = ["admin", admin_user.email]
    pages = pages_of(client, language, DESK, "/admin/")
    for model, shown in admin.site._registry.items():
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths = [reverse(f"{place}_changelist")]
        request = RequestFactory().get("/")
        request.user = admin_user
        if shown.has_add_permission(request):
            paths.append(reverse(f"{place}_add"))
        if (one := model._default_manager.order_by("pk").first()) is not None:
            paths += [reverse(f"{place}_{page}", args=[one.pk]) for page in ("change", "history", "delete")]
        for path in paths:
            response = client.get(path)
            if response.status_code in (200, 403):
                pages[path] = seen(response.content.decode())
                if path.endswith("/add/"):
                    pages[f"sent {path}"] = seen(client.post(path, EMPTY).content.decode())
    assert_no_latin({name: text for name, text in pages.items() if not LOG.search(name)}, [*known, *names])


CHARTS = ("", "groups/abenov-vs-agencies/?view=line", "compare/", "compare/?view=share", "standings/?view=bump&platform=facebook", "standings/?view=bars&platform=facebook", "context/", "actors/abenov/")  # fmt: skip
FIGURE = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>|<script id="[^"]*" type="application/json">(.*?)</script>', re.DOTALL)  # fmt: skip
DRAWN = {"text", "ticktext", "hovertext", "hovertemplate", "customdata", "months", "shortMonths", "days", "shortDays", "title", "meta"}  # fmt: skip


def texts_of(part, is_drawn=False):
    """Yield what is written in a figure, and so in its picture: labels, ticks, what is told of a point, months."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from texts_of(value, key in DRAWN or (is_drawn and not isinstance(value, str)))
    elif isinstance(part, list):
        for value in part:
            yield from texts_of(value, is_drawn)
    elif isinstance(part, str) and is_drawn:
        yield re.sub(r"%\{[^}]*\}|<[^>]+>", " ", part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_and_so_their_pictures(client, known, language):
    pages = {}
    for path in CHARTS:
        found = FIGURE.findall(client.get(f"/{language}/{path}").content.decode())
        pages[path] = "\n".join(text for one in found for text in texts_of(json.loads(one[0] or one[1])))
    assert all(pages.values()), [path for path, text in pages.items() if not text]
    assert_no_latin(pages, known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_about_accounts_suggestions_and_samples(client, known, language, settings, django_user_model):
    caches["default"].clear()  # which counts how often mails were asked for
    settings.EMAIL_URL = "smtp://mail.example.org"
    user = django_user_model.objects.create_user("aigul", "aigul@example.org", PASSWORD)
    client.post(f"/{language}/accounts/password/reset/", {"email": user.email})
    client.force_login(user)
    client.post(f"/{language}/accounts/email/", {"email": "new@example.org", "action_add": ""})
    client.post(
        f"/{language}/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "ten-more-horses-8", "password2": "ten-more-horses-8"},
    )
    asked = [
        correction_requests.ask(actor, {"wrong": "Қате", "email": user.email}, language=language)
        for actor in (None, Actor.objects.get(slug="abenov"))
    ]
    for one in asked:
        correction_requests.answer(one, CorrectionRequest.Outcome.REFUSED, "Жоқ", by=user)
        correction_requests.tell(one)
    to = make_destination(user, language=language)
    sent = [
        messages.compose(Delivery(destination=to, is_sample=True)),
        messages.compose(Delivery(destination=to)),
    ]
    pages = {f"{place} {one.subject}": f"{one.subject}\n{one.body}" for place, one in enumerate(mail.outbox)}
    assert len(pages) >= 4
    pages |= {one.subject: seen(one.html) + one.subject + one.text for one in sent}
    assert_no_latin(pages, [*known, "example"])


# Of what is never sent: nobody signs up but by an invitation, no code opens a session, a stranger's address gets no mail.
UNSENT = ("account_already_exists", "unknown_account", "login_code", "password_reset_code")


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_that_warn_of_a_change_of_the_account_and_its_second_factor(known, language):
    folder = Path(allauth.__file__).parent / "templates"
    mails = [
        path.relative_to(folder).as_posix()
        for part in ("account", "mfa")
        for path in sorted((folder / part / "email").glob("*.txt"))
        if not path.name.startswith(UNSENT)
    ]
    assert len(mails) > 25
    said = {"user_agent": "", "from_email": "a@example.org", "to_email": "b@example.org", "deleted_email": "a@example.org"}  # fmt: skip
    with translation.override(language):
        pages = {name: render_to_string(name, said) for name in mails}
    assert_no_latin(pages, known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation(client, known, language, settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    with translation.override(language):
        invitation, link = invitations.make("aigul@example.org", Invitation.Role.PRESS_OFFICER)
        assert invitations.send(invitation, link)
    one = mail.outbox[-1]
    page = seen(client.get(link.removeprefix(settings.SITE_URL)).content.decode())
    assert_no_latin({"mail": one.subject + "\n" + one.body, "page": page}, known)


PICTURES = ("groups/abenov-vs-agencies", "compare", "standings", "actors/abenov")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_around_a_picture(client, known, language, monkeypatch):
    """What is drawn, its title, its foot, and what is read aloud of it; the drawing itself takes a browser."""
    asked = []

    def noted(_key, make):
        asked.append(make())
        return b"<svg/>"

    monkeypatch.setattr(pictures, "recall", lambda *_: None)
    monkeypatch.setattr(pictures, "request_picture", noted)
    for path in PICTURES:
        answer = client.get(f"/picture/{path}.svg?lang={language}", follow=True)
        assert answer.status_code == 200, path
    pages = {}
    for path, made in zip(PICTURES, asked, strict=True):
        meta = made.figure["layout"].pop("meta")
        text = "\n".join(
            [*texts_of([made.figure["data"], made.figure["layout"]]), meta["title"], meta["alt"]]
        )
        assert "testserver" in text  # the foot is among it
        pages[path] = re.sub(r"testserver\S*", " ", text)
    assert_no_latin(pages, known)
