"""The main job from one command: an address pasted into the desk is read, shown, ranked and exported."""

import re

import httpx
import pytest

from tests.platforms.server import Server
from tests.runtime.processes import spawn, wait_for
from tests.runtime.test_up import Installation, copy_of
from tests.users.conftest import code

pytestmark = pytest.mark.faults

HANDLE = "spine-test.bsky.social"
PASSWORD = "for-this-test-alone-1"  # noqa: S105 (opens nothing but this test's installation)
TWO_MINUTES = 120


@pytest.fixture(scope="module")
def platforms():
    with Server() as server:
        server.world.set("bluesky", HANDLE, 54_321, id="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
        yield server


@pytest.fixture(scope="module")
def site(platforms, stopped):
    installation = Installation(copy_of(stopped), BLUESKY_API_URL=platforms.at("bluesky"))
    try:
        installation.start()
        yield installation
    finally:
        installation.remove()


@pytest.fixture(scope="module")
def desk(site):
    env = site.env | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    words = ("manage.py", "createsuperuser", "--noinput", "--username", "editor", "--email", "e@example.org")
    process = spawn(*words, env=env)
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 0, said
    with httpx.Client(base_url=f"http://127.0.0.1:{site.port}", follow_redirects=True) as client:
        post(client, "/en/accounts/login/?next=/admin/", login="editor", password=PASSWORD)
        set_up_second_factor(client)
        yield client


def set_up_second_factor(client):
    """Set up a second factor, as the pages ask of every editor before the desk opens."""
    activate = "/en/accounts/2fa/totp/activate/"
    assert "/2fa/" in str(client.get("/admin/").url)
    post(client, f"/en/accounts/reauthenticate/?next={activate}", password=PASSWORD)
    page = client.get(activate).text
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    client.post(activate, data={"code": code(secret), "csrfmiddlewaretoken": token})
    assert str(client.get("/admin/").url).endswith("/admin/")


def post(client, page, **fields):
    form = client.get(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)[1]
    answer = client.post(page, data={**fields, "csrfmiddlewaretoken": token})
    assert answer.status_code == 200
    return answer


def test_a_pasted_address_is_read_shown_ranked_and_exported(desk):
    found = desk.get("/admin/registry/actor/?q=Press+office+of+the+President").text
    actor = re.search(r"/admin/registry/actor/(\d+)/change/", found)[1]
    fields = {"actor": actor, "address": f"https://bsky.app/profile/{HANDLE}", "platform": "", "note": ""}
    assert "will be read within two minutes" in post(desk, "/admin/registry/account/add/", **fields).text
    page = "/en/actors/president-press-office/"
    wait_for(lambda: "54,321" in desk.get(page).text, TWO_MINUTES, "the number on the actor's page")
    assert "54,321" in desk.get("/en/standings/?platform=bluesky").text
    line = desk.get("/export/snapshots.csv?platform=bluesky").text.splitlines()[1]
    assert f",bluesky,{HANDLE}," in line
    assert ",counted,=,54321,exact," in line


def test_the_printed_table_stands_on_the_overview(desk):
    page = desk.get("/en/groups/abenov-vs-agencies/").text
    for printed in (
        "39,000",
        "64,000",
        "31,000",
        "76,000",
        "18,600",
        "55,000",
        "11,700",
        "23,000",
        "9,600",
        "570",
    ):
        assert printed in page, printed
    overview = desk.get("/en/").text
    assert "12,000" in overview
    assert "does not exist" in overview
