"""What people see on Kazakh and Russian pages: no English and no American date, whatever the page is."""

import re

import pytest
from django.core import mail
from django.utils import translation

from apps.alerts import messages
from apps.alerts.models import Delivery
from apps.registry.models import Account, Actor, Group, Membership, Source
from apps.snapshots.models import Snapshot
from tests import reference
from tests.alerts.conftest import make_destination, make_occurrence
from tests.builders import make_account

pytestmark = pytest.mark.django_db

LANGUAGES = ["kk", "ru"]
PUBLIC = (
    "", "?view=line", "standings/?since=1y", "standings/?q=zzzz&platform=wrong", "groups/",
    "groups/abenov-vs-agencies/", "actors/", "actors/abenov/", "compare/", "compare/?view=share", "data/", "search/",
    "search/?q=щщщщ", "editions/", "corrections/", "corrections/ask/?actor=abenov", "method/", "status/",
    "accounts/login/", "accounts/password/reset/", "actors/nobody/",
)  # fmt: skip
OWN = ("me/", "me/alerts/", "me/alerts/rules/new/", "me/security/", "accounts/password/change/", "accounts/email/", "accounts/2fa/")  # fmt: skip
# Names, words of formats and units that are the same in every language.
ALLOWED = {
    "KZMedia", "Facebook", "Instagram", "YouTube", "Youtube", "Telegram", "TikTok", "Threads", "Mastodon", "Bluesky", "WhatsApp",
    "VK", "OK", "ru", "RU", "X", "Eng", "CSV", "XLSX", "JSON", "ZIP", "PNG", "SVG", "PDF", "Excel", "API", "Atom", "BibTeX", "OpenAPI",
    "Wikidata", "Wayback", "Machine", "Datawrapper", "Flourish", "Plotly", "README", "md", "COPY", "URL", "HTML", "oEmbed",
    "UTC", "kz", "DD", "MM", "YYYY", "KB", "MB", "DOI", "doi", "https", "http", "www", "com", "org", "Linux", "Windows", "LibreOffice",
    "Kaspi", "Python", "R", "pandas", "DataCite", "XML", "Parquet", "Data", "Package", "Frictionless", "Creative", "Commons", "CC", "BY", "ODbL", "GitHub",
    "QR", "TOTP", "Link", "external", "dataset", "Import", "your", "Live", "Sheets", "Power", "Query", "Get", "data", "id", "ID", "e", "mail", "Meta", "Google", "Graph", "Web", "Archive", "Internet",
}  # fmt: skip
# What stands in files and addresses, as it stands there.
CODES = [
    "platform, kind, region, group, actor, from, to, on, since",
    "people, percent, minutes per day, thousand tenge",
]
AMERICAN = re.compile(r"\b\d{1,2}/\d{1,2}/\d{4}\b|\b\d{1,2}:\d{2} ?[ap]\.?m\.?|Т\.Ж\.|Т\.Қ\.")
MONTHS = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug"
    r"|Sept?|Oct|Nov|Dec)\b"
)
ISO = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b")
HIDDEN = re.compile(r"<(script|style|pre|code|textarea|option)\b.*?</\1>", re.DOTALL)
MARKED = re.compile(r'<(\w+)[^>]*\blang="(?:en|kk|ru)"[^>]*>.*?</\1>', re.DOTALL)
HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
SAID = re.compile(r'(?:alt|title|placeholder|aria-label)="([^"]*)"')
PHRASE = re.compile(r"[A-Za-z][A-Za-z’'-]*(?:[ ,]+[A-Za-z][A-Za-z’'-]*)+")


def seen(html):
    """Return what is read or heard of a page: its title, its text, the texts of its pictures and fields."""
    title = TITLE.search(html)
    body = HIDDEN.sub(" ", HEAD.sub(" ", html))
    body = re.sub(r'(<html[^>]*)lang="\w+"', r"\1", body)
    body = MARKED.sub(" ", body)
    text = re.sub(r"<[^>]+>", "\n", body)
    return (
        "\n".join([title[1] if title else "", *SAID.findall(body), text])
        .replace("&#x27;", "'")
        .replace("&quot;", '"')
    )


@pytest.fixture(scope="module")
def titles():
    """Provide what is quoted as it was published or named: titles, notes and places of sources, handles, names."""

    def of(*columns):
        return [text for column in columns for text in column if text and re.search("[A-Za-z]", text)]

    return lambda: sorted(
        of(
            Source.objects.values_list("title", flat=True),
            Source.objects.values_list("authors", flat=True),
            Source.objects.values_list("container", flat=True),
            Source.objects.values_list("url", flat=True),
            Source.objects.values_list("licence", flat=True),
            Snapshot.objects.values_list("note", flat=True),
            Snapshot.objects.values_list("locator", flat=True),
            Group.objects.values_list("locator", flat=True),
            Account.objects.values_list("handle", flat=True),
            Account.objects.values_list("title", flat=True),
            Actor.objects.values_list("name_kk", flat=True),
            Actor.objects.values_list("name_ru", flat=True),
            Actor.objects.values_list("slug", flat=True),
        ),
        key=len,
        reverse=True,
    )


def foreign(text, known):
    """Return what is English in a text: phrases of two words or more of which one is in no list of names, and wrong
    dates."""
    for one in [*known, *CODES]:
        text = text.replace(one, " ")
    text = re.sub(r"https?://\S+|\S+@\S+|(?<=\s)/[\w/.?=&-]+", " ", text)
    phrases = [
        phrase
        for phrase in PHRASE.findall(text)
        if any(word not in ALLOWED and len(word) > 1 for word in re.split(r"[ ,’'-]+", phrase) if word)
    ]
    return phrases + AMERICAN.findall(text) + MONTHS.findall(text) + ISO.findall(text)


@pytest.fixture
def world(transactional_db):
    reference.load()
    make_account("walker", "telegram")


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages(client, world, titles, language):
    known = titles()
    wrong = {}
    for path in PUBLIC:
        html = client.get(f"/{language}/{path}").content.decode()
        if found := foreign(seen(html), known):
            wrong[path] = found
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_who_is_signed_in(client, world, titles, language, django_user_model):
    user = django_user_model.objects.create_user("aigul", "aigul@example.org", "nine-steppe-horses-7")
    Membership.objects.create(user=user, actor=Actor.objects.get(slug="ministry-labor"))
    client.force_login(user)
    make_destination(user, language=language)
    known = [*titles(), "aigul", "aigerim@example.org"]
    wrong = {}
    for path in OWN:
        answer = client.get(f"/{language}/{path}")
        html = answer.content.decode()
        if found := foreign(seen(html), known):
            wrong[path] = found
    posted = client.post(
        f"/{language}/accounts/password/change/", {"oldpassword": "x", "password1": "123", "password2": "1"}
    )
    if found := foreign(seen(posted.content.decode()), known):
        wrong["password errors"] = found
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails(world, titles, language, officer_of):
    user = officer_of
    to = make_destination(user, language=language)
    known = [*titles(), "KZMedia"]
    wrong = {}
    from apps.alerts.models import OccurrenceKind

    actor = Actor.objects.get(slug="abenov")
    for kind in OccurrenceKind:
        fields = (
            {"other": Actor.objects.get(slug="ministry-labor")} if kind == OccurrenceKind.OVERTAKE else {}
        )
        one = make_occurrence(kind, actor, **fields)
        delivery = Delivery.objects.with_all().get(
            pk=Delivery.objects.create(
                destination=to, occurrence=one, due_at=one.found_at, made_at=one.found_at
            ).pk
        )
        message = messages.compose(delivery)
        if found := foreign(message.subject + "\n" + message.text + "\n" + seen(message.html), known):
            wrong[kind] = found
    assert wrong == {}
    assert mail.outbox == []


@pytest.fixture
def officer_of(django_user_model):
    return django_user_model.objects.create_user("aigul", "aigul@example.org")


def test_the_rules_catch_what_they_are_for():
    assert foreign("updated 12/01/2026 1:05 p.m.", []) != []
    assert foreign("жаңартылды 12/01/2026", []) != []
    assert foreign("2026-12-01 дейін", []) != []
    assert foreign("5 Nov 2026", []) != []
    assert foreign("Enter the same password", []) != []
    with translation.override("kk"):
        assert foreign("KZMedia, Facebook, YouTube: 2026 ж. 1 жел.", []) == []
