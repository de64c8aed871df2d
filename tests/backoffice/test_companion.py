"""What the companion sends is read by the one reader, offered only where it is the account's own, recorded with its picture."""

import json
from base64 import b64encode

import pytest
from django.test import Client

from apps.backoffice import companion, companion_terms, manual_entry
from apps.backoffice.companion import CountOwner, Wording
from apps.collecting import adapters
from apps.collectors.numbers import NotACount
from apps.collectors.platforms import PLATFORMS
from apps.common import file_store
from apps.snapshots.models import Screenshot, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_snapshot

pytestmark = pytest.mark.django_db
LOOK, SAVE = "/admin/round/seen/look/", "/admin/round/seen/"
WEBP = b64encode(b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24)).decode()
SITES = {
    "facebook": "https://www.facebook.com/",
    "instagram": "https://www.instagram.com/",
    "x": "https://x.com/",
    "tiktok": "https://www.tiktok.com/@",
    "vk": "https://vk.com/",
    "youtube": "https://www.youtube.com/@",
    "telegram": "https://t.me/",
}


@pytest.fixture(autouse=True)
def turned_on(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.COMPANION_PLATFORMS = list(SITES)
    settings.COLLECTORS = {}


@pytest.fixture
def editor():
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def account(editor):
    account = make_account("akorda", "facebook", "akorda")
    manual_entry.take(editor)
    return account


def seen(wording, link="", beside=(), where="span"):
    return {"wording": wording, "where": where, "link": link, "beside": list(beside)}


def send(desk, address, place, path=LOOK, **more):
    sent = {"address": address, "seen": place, **more}
    response = desk.post(path, json.dumps(sent), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def save(desk, address, place, **more):
    return send(desk, address, place, SAVE, **{"chosen": 0, "sure": False, "picture": WEBP, **more})


def look_at(account, *places):
    address = SITES[account.platform] + account.handle
    return companion.look_at(account, adapters.parse(address), [Wording.from_json(place) for place in places])


def offered(account, *places):
    """Return the count that is offered by itself; None for none."""
    looked = look_at(account, *places)
    return None if looked.chosen is None else looked.candidates[looked.chosen].count.followers


# Where the count stands on each platform's page, and what is offered for it
SHAPES = [
    ("facebook", [("76K", "{}/followers"), ("76K followers", "{}/followers")], 76_000),
    ("facebook", [("76 тыс. подписчиков", "{}/followers")], 76_000),
    ("instagram", [("268K", "{}/followers/"), ("268,123", "{}/followers/"), ("268K followers", "{}/followers/")], 268_123),
    ("x", [("94.8K", "{}/verified_followers"), ("94.8K Followers", "{}/verified_followers")], 94_800),
    ("x", [("94,8 тыс. читателей", "{}/followers")], 94_800),
    ("tiktok", [("23.2K", ""), ("Followers", ""), ("23.2K Followers", "")], 23_200),
    ("vk", [("12 400", "https://vk.com/search?c%5Bgroup%5D=1"), ("Подписчики 12 400", "https://vk.com/search?c%5Bgroup%5D=1")], 12_400),
    ("youtube", [("12.4K subscribers", ""), ("@akorda • 12.4K subscribers • 300 videos", "")], 12_400),
    ("telegram", [("76 012", ""), ("76 012 subscribers", "")], 76_012),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "places", "count"), SHAPES)
def test_the_count_of_each_platform_s_page(platform, places, count):
    account = make_account("akorda", platform, "akorda")
    page = SITES[platform] + "akorda"
    assert offered(account, *(seen(text, link.format(page)) for text, link in places)) == count


NEVER = [
    ("1,234,567", "https://www.facebook.com/other/followers"),
    ("1.2M followers", "https://www.facebook.com/other"),
    ("1.2M followers", "https://www.facebook.com/profile.php?id=100044&sk=followers"),
    ("1.2M followers", "https://www.instagram.com/akorda/followers/"),
    ("76K followers", "https://www.facebook.com/akorda2/followers"),
    ("120", "https://www.facebook.com/akorda/following"),
    ("76K", "https://www.facebook.com/akorda/posts/123"),
    ("9K", "https://www.facebook.com/profile.php?id=100044&sk=friends"),
]


@pytest.mark.parametrize(("text", "link"), NEVER)
def test_what_lies_in_a_link_below_another_path_is_never_offered(desk, account, text, link):
    looked = look_at(account, seen(text, link))
    assert (looked.candidates, looked.chosen, looked.is_refused) == ([], None, True)
    page = "https://www.facebook.com/akorda"
    assert "another account" in send(desk, page, [seen(text, link)])["why"]
    assert "another account" in save(desk, page, [seen(text, link)])["why"]
    assert not Snapshot.objects.exists()


def test_an_own_link_goes_before_what_stands_beside(account):
    own = seen("76K followers", "https://www.facebook.com/akorda/followers")
    assert offered(account, seen("1,234,567"), own) == 76_000
    assert offered(account, own, seen("80K followers", "https://www.facebook.com/AKORDA/followers")) is None


@pytest.mark.parametrize(
    "places",
    [
        [seen("76K")],  # no word says of what
        [seen("76K followers"), seen("80K followers")],
        [seen("100"), seen("76K followers · 100 following")],  # pointed at the one, read the other
        [seen("76K followers"), seen("76K+ followers")],
        [seen("1M followers"), seen("1.04M followers"), seen("1.06M followers")],
        [seen("1.2M followers", beside=["https://www.facebook.com/other"])],  # a suggestion's card
    ],
)
def test_where_it_is_not_clear_a_person_says(account, places):
    looked = look_at(account, *places)
    assert looked.candidates
    assert looked.chosen is None


def test_links_of_the_account_beside_a_count_raise_no_doubt(account):
    own, other = "https://www.facebook.com/akorda/photos", "https://www.facebook.com/other"
    assert offered(account, seen("76K followers", beside=[own, other])) == 76_000
    assert look_at(account, seen("76K followers", beside=[other])).candidates[0].place == CountOwner.BESIDE


def test_a_link_by_number_to_the_same_account_is_its_own(editor):
    account = make_account("akorda", "facebook", "akorda", platform_id="100044")
    assert (
        offered(account, seen("76K", "https://www.facebook.com/profile.php?id=100044&sk=followers")) == 76_000
    )


def test_wordings_of_several_parts():
    assert companion.read_wording("Channel | 12K followers").followers == 12_000
    for unclear in ("12 | 13", "12K followers · 9K members", "76K likes", "267,8 м."):
        with pytest.raises(NotACount):
            companion.read_wording(unclear)


def test_recorded_with_words_place_and_picture(desk, account, editor):
    make_account("next", "facebook", "next")
    manual_entry.leave(editor)
    manual_entry.take(editor)
    page = "https://www.facebook.com/akorda/?fbclid=abc#top"
    places = [
        seen("76K", page),
        seen("76K followers", "https://www.facebook.com/akorda/followers", where="a > span"),
    ]
    looked = send(desk, page, places)
    assert looked["next"]["who"] == "next en, Facebook: next"  # not the one whose page is open
    assert looked["who"] == "akorda en, Facebook: akorda"
    assert looked["found"][looked["chosen"]]["reads"] == "76,000, rounded"
    assert not Snapshot.objects.exists()
    saved = save(desk, page, places, chosen=looked["chosen"])
    assert saved["saved"] == "Recorded: 76,000, rounded."
    assert saved["next"] == {"who": "next en, Facebook: next", "address": "https://www.facebook.com/next"}
    snapshot = Snapshot.objects.get()
    assert (snapshot.followers, snapshot.precision, snapshot.note) == (76_000, "abbrev", "76K followers")
    assert (snapshot.locator, snapshot.edited_by) == ("https://www.facebook.com/akorda/", editor)
    shot = Screenshot.objects.get()
    assert (shot.snapshot, shot.where, shot.kind) == (snapshot, "a > span", "webp")
    assert file_store.place_of(manual_entry.name_of(shot)).read_bytes().startswith(b"RIFF")
    shown = desk.get(f"/admin/snapshots/snapshot/{snapshot.pk}/change/").content.decode()
    assert f"/admin/screenshots/{shot.pk}/" in shown
    assert "Place on the page: a &gt; span" in shown
    assert "has been read already" in save(desk, page, places)["why"]
    assert Snapshot.objects.count() == 1


def test_a_jump_is_confirmed(desk, account):
    make_snapshot(account, "2026-01-05", 30_000)
    page, place = "https://www.facebook.com/akorda", [seen("76K followers")]
    answer = save(desk, page, place)
    assert answer["jump"] is True
    assert "30,000" in answer["why"]
    assert Snapshot.objects.count() == 1
    assert "saved" not in save(desk, page, place, sure="true")  # a word is no yes
    assert "saved" in save(desk, page, place, sure=True)
    assert Snapshot.objects.count() == 2


def test_only_the_round_s_accounts_on_the_chosen_platforms(desk, account, settings):
    place = [seen("76K followers")]
    make_account("later", "facebook", "later")
    assert "not in your round" in send(desk, "https://www.facebook.com/later", place)["why"]
    assert "not tracked" in save(desk, "https://www.facebook.com/nobody", place)["why"]
    assert "example.com" in send(desk, "https://example.com/akorda", place)["why"]
    settings.COMPANION_PLATFORMS = ["tiktok"]
    answer = save(desk, "https://www.facebook.com/akorda", place)
    assert "not turned on for Facebook" in answer["why"]
    assert answer["next"] is None
    assert not Snapshot.objects.exists()


def test_another_value_of_the_day_is_kept(desk, account):
    from django.utils import timezone

    from apps.snapshots.recording import day_of

    make_snapshot(account, day_of(timezone.now()), 75_000)
    assert (
        "stands for today already"
        in save(desk, "https://www.facebook.com/akorda", [seen("76K followers")])["why"]
    )
    assert Snapshot.objects.get().followers == 75_000


def test_a_disk_without_room_costs_the_picture_alone(desk, account, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(manual_entry, "keep_picture", full)
    answer = save(desk, "https://www.facebook.com/akorda", [seen("76K followers")])
    assert "its picture was not" in answer["warning"]
    assert Snapshot.objects.get().followers == 76_000


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b"{",
        b"\xff",
        json.dumps({"address": 5, "seen": []}),
        json.dumps({"address": "https://x.com/a", "seen": "76K"}),
        json.dumps({"address": "https://x.com/a", "seen": [{"wording": "x" * 201}]}),
        json.dumps({"address": "https://x.com/a", "seen": [{"wording": "5", "beside": [5]}]}),
        json.dumps({"address": "https://x.com/a", "seen": [{"wording": "5\0"}]}),
        json.dumps({"address": "https://x.com/a", "seen": [{"wording": "5"}] * 17}),
    ],
)
def test_other_requests_are_refused(desk, body):
    for path in (LOOK, SAVE):
        response = desk.post(path, body, content_type="application/json")
        assert response.status_code == 400
        assert response.json().keys() == {"why"}


@pytest.mark.parametrize("picture", ["", "no base 64", b64encode(b"<svg/>").decode(), None])
def test_without_a_picture_nothing_is_recorded(desk, account, picture):
    sent = {"address": "https://www.facebook.com/akorda", "seen": [seen("5 followers")], "chosen": 0}
    response = desk.post(SAVE, json.dumps({**sent, "picture": picture}), content_type="application/json")
    assert response.status_code == 400
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize("chosen", [None, 1, -1, True, "0", 0.0])
def test_only_what_was_offered_is_recorded(desk, account, chosen):
    save(desk, "https://www.facebook.com/akorda", [seen("76K followers")], chosen=chosen)
    assert not Snapshot.objects.exists()


def test_the_form_s_token_is_asked_for(editor, account):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    for path in (LOOK, SAVE):
        assert strict.post(path, "{}", content_type="application/json").status_code == 403


def test_the_desk_s_page_quotes_the_terms(desk, settings):
    page = desk.get("/admin/companion/").content.decode()
    assert "using automated means" in page
    assert "COMPANION_PLATFORMS" not in page  # for who may set it alone
    settings.COMPANION_PLATFORMS = []
    assert "not turned on for any platform" in desk.get("/admin/companion/").content.decode()
    named = [name for row in companion_terms.of_all(["x"]) for name in row.names.split(", ")]
    assert named[0] == "X"
    assert sorted(named) == sorted(PLATFORMS.values())


def test_it_is_off_until_somebody_chooses():
    from kzmedia.environment import Environment

    env = Environment({"COMPANION_PLATFORMS": "tiktok, Facebook", "OTHER": "facebook, linkedin"})
    assert env.choices("NONE", list(PLATFORMS)) == []
    assert env.choices("COMPANION_PLATFORMS", list(PLATFORMS)) == ["facebook", "tiktok"]
    assert env.mistakes == []
    assert env.choices("OTHER", list(PLATFORMS)) == []
    assert "linkedin" in str(env.mistakes[0])
