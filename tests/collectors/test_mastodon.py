import socket

import pytest

from apps.collectors.mastodon import Mastodon
from apps.collectors.types import Kind, Target, Unavailable
from tests.platforms.world import as_json

NAME = "examplemin@mastodon.example"


def test_account_is_counted_at_its_home(collect, world):
    world.set("mastodon", NAME, 547, id="14715@mastodon.example", title="Кеңсе")
    (outcome,) = collect("mastodon", "https://mastodon.example/@ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 547, "exact")
    assert (outcome.platform_id, outcome.handle, outcome.title) == ("14715@mastodon.example", NAME, "Кеңсе")
    assert outcome.verified is None


def test_id_goes_before_the_name(collect, world):
    world.set("mastodon", "newname@mastodon.example", 5, id="14715@mastodon.example")
    (outcome,) = collect("mastodon", Target("mastodon", "old@mastodon.example", "14715@mastodon.example"))
    assert (outcome.followers, outcome.handle) == (5, "newname@mastodon.example")
    assert world.log[0][1].path == "/mastodon.example/api/v1/accounts/14715"


@pytest.mark.parametrize("state", ["", "old"])
def test_several_ids_of_a_server_are_one_request_where_it_knows_that(collect, world, state):
    world.set("mastodon", "@mastodon.example", state=state)
    targets = [Target("mastodon", "", f"{number}@mastodon.example") for number in (1, 2, 3)]
    world.set("mastodon", "a@mastodon.example", 10, id="1@mastodon.example")
    world.set("mastodon", "c@mastodon.example", 30, id="3@mastodon.example")
    outcomes = collect("mastodon", *targets)
    assert [(outcome.kind, outcome.followers) for outcome in outcomes] == [
        (Kind.COUNTED, 10),
        (Kind.NOT_FOUND, None),
        (Kind.COUNTED, 30),
    ]
    assert len(world.log) == (4 if state == "old" else 1)


def test_unknown_is_not_found(collect):
    (outcome,) = collect("mastodon", "@nobody@mastodon.example")
    assert outcome.kind == Kind.NOT_FOUND


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"state": "suspended"}, Kind.SUSPENDED),
        ({"state": "gone"}, Kind.SUSPENDED),
        ({"state": "hidden"}, Kind.HIDDEN),
        ({"more": {"acct": "examplemin@elsewhere.example"}}, Kind.ERROR),
        ({"more": {"id": None}}, Kind.ERROR),
        ({"more": {"followers_count": -2}}, Kind.ERROR),
        ({"more": {"followers_count": "5"}}, Kind.ERROR),
    ],
)
def test_states(collect, world, facts, kind):
    world.set("mastodon", NAME, 5, **facts)
    (outcome,) = collect("mastodon", f"@{NAME}")
    assert (outcome.kind, outcome.followers) == (kind, None)


@pytest.mark.parametrize(
    ("acct", "whole"), [("new@other.example", "new@other.example"), ("new", "new@mastodon.example")]
)
def test_moved_account_says_where_to(collect, world, acct, whole):
    world.set("mastodon", NAME, 5, more={"moved": {"acct": acct, "followers_count": 9}})
    (outcome,) = collect("mastodon", f"@{NAME}")
    assert (outcome.kind, outcome.followers, outcome.detail) == (Kind.MOVED, None, f"moved_to: {whole}")


@pytest.mark.parametrize("state", ["elsewhere", "handing"])
def test_domain_that_is_served_by_another_host(collect, world, state):
    world.set("mastodon", "@ministry.example", state=state, more={"host": "social.ministry.example"})
    world.set("mastodon", "press@social.ministry.example", 5, id="7@social.ministry.example")
    (outcome,) = collect("mastodon", "@press@ministry.example")
    assert (outcome.followers, outcome.platform_id) == (5, "7@social.ministry.example")
    assert outcome.handle == "press@ministry.example"


def test_server_closed_to_guests_is_an_error_of_its_accounts(collect, world):
    world.set("mastodon", "@closed.example", state="closed")
    world.set("mastodon", NAME, 5)
    first, second = collect("mastodon", "@a@closed.example", f"@{NAME}")
    assert (first.kind, second.followers) == (Kind.ERROR, 5)
    assert first.detail.startswith("guests_refused")


def test_limited_server_is_left_alone_and_the_others_are_read(collect, world):
    world.set("mastodon", NAME, 5)
    world.fail("mastodon", as_json({"error": "Too many requests"}, 429))
    outcomes = collect("mastodon", "@a@busy.example", "@b@busy.example", f"@{NAME}")
    assert [outcome.kind for outcome in outcomes] == [Kind.ERROR, Kind.ERROR, Kind.COUNTED]
    assert outcomes[1].detail.startswith("rate")
    assert len(world.log) == 2


def test_name_that_is_none_is_not_asked_for(collect, world):
    outcomes = collect("mastodon", Target("mastodon", "nohost"), Target("mastodon", "", "x@y"))
    assert {(outcome.kind, outcome.detail) for outcome in outcomes} == {(Kind.ERROR, "bad_handle")}
    assert world.log == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.5"]
)
def test_hosts_inside_our_network_are_not_asked(monkeypatch, address):
    """Whoever controls a name can let it point anywhere: what it points to decides."""
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (address, 443))])
    monkeypatch.setattr(socket, "create_connection", lambda *place, **__: asked.append(place))
    with pytest.raises(Unavailable, match="private_address"):
        Mastodon(contact="a@b.kz").fetch([Target("mastodon", "a@inside.example")])
    assert asked == []
