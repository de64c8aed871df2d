"""What a page, a frame, a picture and a feed ask of the database does not grow with what is recorded."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.context.models import Claim, Event
from apps.dashboard import freezing
from apps.exports.models import Edition
from apps.registry.models import OldSlug
from apps.snapshots.models import Correction, Reply
from tests.alerts.conftest import make_occurrence
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, tzinfo=UTC)
GROUP = "groups/abenov-vs-agencies"
ADDRESSES = [
    *(
        f"/kk/{page}"
        for page in (
            "",
            "?view=line",
            "?platform=telegram",
            "standings/?since=1y&platform=facebook",
            "groups/",
            f"{GROUP}/",
            f"{GROUP}/?view=line",
            "actors/",
            "actors/abenov/",
            "compare/",
            "compare/?view=share",
            "corrections/",
            "corrections/ask/?actor=abenov",
            "data/",
            "editions/",
            "search/?q=body",
            "method/",
            "status/",
        )
    ),
    *(
        f"/embed/{chart}"
        for chart in (
            "overview",
            "standings",
            "standings?view=bump&platform=facebook",
            GROUP,
            f"{GROUP}?view=line",
            "actors/abenov",
            "actors/abenov/ranks",
            "compare?view=gap",
        )
    ),
    "/picture/overview.png",
    "/picture/compare.svg?view=share",
    "/oembed?url=http://testserver/kk/compare/",
    "/feeds/site.atom",
    "/feeds/actors/abenov.atom",
    f"/feeds/{GROUP}.atom",
    "/feeds/corrections.atom",
]


@pytest.fixture
def grow(table2, today, django_user_model):
    """Adds a number of everything that pages show."""
    editor = django_user_model.objects.create_user("editor")
    abenov = table2.members.get(slug="abenov")
    kept = freezing.freeze("overview", "")
    frozen = {field.name: getattr(kept, field.name) for field in Edition._meta.fields if field.name != "id"}

    def grow(number):
        for _ in range(number):
            actor = make_actor(kind="blogger")
            table2.members.add(actor)
            make_group(members=[actor, abenov], platform="facebook")
            account = make_account(actor)
            make_snapshots(account, {"2017": 500, "2022": 700}, source=make_source(f"of-{actor.slug}"))
            make_snapshots(make_account(actor, "telegram"), {today - timedelta(days=9): 5, today: 9})
            own = make_account(abenov, "telegram")
            made = make_snapshot(own, today, 800, source=make_source(f"of-{actor.slug}"))
            Correction.objects.create(
                snapshot=made, old={"followers": 1}, new={"followers": 800}, by=editor, at=AT
            )
            Claim.objects.create(
                actor=abenov, comparator=actor, platform="facebook", relation="more", source=made.source
            )
            Event.objects.create(key=actor.slug, starts="2019-01-01", title_en="E", source=made.source)
            Reply.objects.create(actor=abenov, text_en="We count otherwise", day=today, by=editor, at=AT)
            OldSlug.objects.create(slug=f"once-{actor.slug}", actor=actor)
            make_occurrence(actor=abenov)
            Edition(**{**frozen, "key": f"of-{actor.slug}"}).save(force_insert=True)

    grow(2)
    return grow


@pytest.fixture(autouse=True)
def _pictures_are_not_drawn(monkeypatch):
    monkeypatch.setattr(
        "apps.figures.pictures.picture", lambda _key, _ending, make, **_: repr(make()).encode()
    )


def test_cost_does_not_grow(count_queries, grow):
    """All addresses in one test: to make the rows takes longer than to read them."""
    few = {address: count_queries(address) for address in ADDRESSES}
    grow(10)
    many = {address: count_queries(address) for address in ADDRESSES}
    grown = {address: (few[address], many[address]) for address in ADDRESSES if many[address] > few[address]}
    assert grown == {}


PLACES = ["/kk/editions/{}/", "/embed/editions/{}", "/picture/editions/{}.png"]


def test_the_cost_of_an_edition_does_not_grow(count_queries, grow):
    key = freezing.freeze("compare", "").key
    few = {place: count_queries(place.format(key)) for place in PLACES}
    grow(10)
    key = freezing.freeze("compare", "view=share").key
    many = {place: count_queries(place.format(key)) for place in PLACES}
    assert {place: (few[place], many[place]) for place in PLACES if many[place] > few[place]} == {}
