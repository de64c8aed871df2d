"""The pages of the editor's desk, and how each is looked at: on a screen and on a phone nothing overflows, axe finds
nothing, no request fails. PICTURES=folder keeps a picture of each, of which docs/editors.md shows some; THOROUGH=1 looks
at every page in every language."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from apps.api.models import ApiToken
from apps.backoffice import manual_entry
from apps.collecting.models import Collection, PlatformState
from apps.registry.models import Account, Actor, Membership, SiteVisit, Source, Verification
from apps.snapshots import correction_requests
from apps.snapshots.models import Correction, Doubt, Reply, Snapshot
from apps.users.models import User
from tests.browser.test_a11y import THOROUGH, violations
from tests.builders import make_account, make_snapshots

PAGES = {
    "first": "/admin/",
    "held": "/admin/snapshots/doubt/{doubt}/change/",
    "held-list": "/admin/snapshots/doubt/",
    "correct": "/admin/snapshots/snapshot/{snapshot}/change/?request={asked}",
    "counts": "/admin/snapshots/snapshot/",
    "answer": "/admin/snapshots/correctionrequest/{asked}/change/",
    "requests": "/admin/snapshots/correctionrequest/",
    "round": "/admin/round/",
    "companion": "/admin/companion/",
    "read": "/admin/registry/account/{account}/read/",
    "accounts": "/admin/registry/account/",
    "account": "/admin/registry/account/{account}/change/",
    "actors": "/admin/registry/actor/",
    "actor": "/admin/registry/actor/{actor}/change/",
    "publish": "/admin/publish/",
    "preview": "/admin/preview/actors/{draft}/",
    "proposals": "/admin/proposals/",
    "merge": "/admin/merge/accounts/",
    "merge-actors": "/admin/merge/actors/",
    "add": "/admin/add/",
    "import": "/admin/import/",
    "invite": "/admin/invite/",
    "history": "/admin/history/",
    "changes": "/admin/users/change/",
}
LANGUAGES = ("kk", "ru", "en")
WIDTHS = (1280, 390)
WIDER_THAN_THE_PAGE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def desk(visit, client, tmp_path, monkeypatch):
    """Open the desk for an admin as desk(language, width), with something in each of its lists."""
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    user = User.objects.create_superuser("aigul", first_name="Айгүл")
    client.force_login(user)

    def start(language, width):
        opened = visit(width, fresh=True, locale=language)
        for name, value in (
            (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value),
            (settings.LANGUAGE_COOKIE_NAME, language),
        ):
            opened.page.context.add_cookies([{"name": name, "value": value, "url": opened.base}])
        return opened

    return start


@pytest.fixture
def keys(desk, reference):
    """Provide the keys of one row of each kind that waits."""
    now, today = timezone.now(), timezone.localdate()
    account = Account.objects.get(actor__slug="abenov", platform="facebook")
    make_snapshots(account, {today - timedelta(days=day): 64_000 + 130 * (12 - day) for day in range(2, 12)})
    source = Source.objects.first()
    doubt = Doubt.objects.create(
        account=account, day=today, followers=650, why="fall", against=65_300, source=source, seen_at=now
    )
    failing = make_account(Actor.objects.get(slug="ministry-labor"), "telegram", "enbek")
    Collection.objects.create(account=failing, due_at=now, error_code="not_found", last_success_at=now)
    for number in range(3):
        make_account(Actor.objects.get(slug="ministry-labor"), "tiktok", f"enbek{number}")
    snapshot = Snapshot.objects.filter(account=account, day="2022-01-01").first()
    asked = correction_requests.ask(
        account.actor, {"wrong": "64 000 емес, 63 900", "email": "reader@example.org"}, snapshot=snapshot
    )
    names = {"name_kk": "Жаңа министрлік", "name_ru": "Новое министерство", "name_en": "A new ministry"}
    draft = Actor.objects.create(slug="draft", kind="state_body", hidden=True, is_draft=True, **names)
    editor = User.objects.get(username="aigul")
    Verification.objects.create(account=failing, on=today, proof="Баспасөз қызметінің хаты", by=editor)
    Correction.objects.create(
        snapshot=snapshot,
        old={"followers": 1},
        new={"followers": 2},
        reason="Қате жазылған",
        by=editor,
        at=now,
    )
    Reply.objects.create(
        actor=account.actor, day=today, text_kk="Жауап", text_ru="Ответ", text_en="A reply", by=editor, at=now
    )
    SiteVisit.objects.create(actor=account.actor, at=now, address="https://body.kz/", problem="robots")
    PlatformState.objects.create(
        platform="telegram", paused_until=now + timedelta(hours=1), pause_code="rate"
    )
    ApiToken.objects.create(user=editor, name="token", scopes=["read"], prefix="kz", digest="0" * 64)
    Membership.objects.create(user=editor, actor=account.actor, role="press_officer")
    manual_entry.take(User.objects.get(username="aigul"), 3)
    rows = {"doubt": doubt, "snapshot": snapshot, "asked": asked, "account": account, "draft": draft}
    return {**{name: row.pk for name, row in rows.items()}, "actor": account.actor_id}


def model_pages():
    """Return the list and a row of every table that the desk shows, by names of their own; the page of a new row, which is
    the form of the old ones, where it is looked at thoroughly or there is no row."""
    admin.autodiscover()
    pages, request = {}, RequestFactory().get("/")
    request.user = User.objects.get(username="aigul")
    for model, shown in admin.site._registry.items():
        place, name = f"admin:{model._meta.label_lower.replace('.', '_')}", model._meta.model_name
        pages[f"{name}-list"] = reverse(f"{place}_changelist")
        rows = shown.get_queryset(request).order_by("pk")
        if (row := rows.first()) is not None:
            pages[f"{name}-row"] = reverse(f"{place}_change", args=[row.pk])
        if (row is None or THOROUGH) and shown.has_add_permission(request):
            pages[f"{name}-add"] = reverse(f"{place}_add")
    return pages


def check_pages(desk, axe, pages, languages, every=1):
    """Open each page in its languages, `languages(number)`, and look at it in both widths; axe, which takes the longest, looks
    at one of the widths in the first of them, as what it finds hardly hangs on the words; and at one of `every` so many pages,
    where they are of a kind."""
    opened = desk("kk", WIDTHS[0])
    failed, faults = [], {}
    opened.page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    for number, (name, path) in enumerate(pages.items()):
        for turn, language in enumerate(LANGUAGES if THOROUGH else languages(number)):
            page = opened.open(f"{path}{'&' if '?' in path else '?'}language={language}")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if page.evaluate(WIDER_THAN_THE_PAGE):
                    faults[f"{name}-{language} is wider than {width}"] = page.evaluate(
                        "document.documentElement.scrollWidth"
                    )
                if "PICTURES" in os.environ:
                    folder = Path(os.environ["PICTURES"])
                    folder.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=folder / f"{name}-{language}-{width}.png", full_page=True)
                if opened.wrong:
                    faults[f"{name}-{language} complains"] = opened.wrong[:]
                    opened.wrong.clear()
                is_turn = turn == 0 and width == WIDTHS[number // 2 % 2]
                if (THOROUGH or (is_turn and number % every == 0)) and (wrong := violations(page, axe)):
                    faults[f"{name}-{language}, {width}"] = wrong
                opened.wrong.clear()  # what axe itself tries
            page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    assert failed == []
    assert not faults, json.dumps(faults, indent=1, ensure_ascii=False)
