import pytest

from apps.collectors.ok import OK, Keys, signature
from apps.collectors.types import Kind, Limited, OurFault, Target, Unavailable
from tests.platforms import ok
from tests.platforms.world import as_json

ID = "53000000000001"


def test_group_is_counted_by_id(collect, world):
    world.set("ok", "examplemin", 12400, id=ID)
    (outcome,) = collect("ok", f"ok.ru/group/{ID}")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 12400, "exact")
    assert (outcome.platform_id, outcome.handle, outcome.title) == (ID, "examplemin", "Example Ministry")


def test_short_name_is_resolved_first(collect, world):
    world.set("ok", "examplemin", 12400, id=ID)
    (outcome,) = collect("ok", "ok.ru/examplemin")
    assert (outcome.followers, outcome.platform_id) == (12400, ID)
    assert [request.one("method") for _, request in world.log] == ["url.getInfo", "group.getInfo"]


def test_hundred_are_one_request(collect, world):
    for number in range(120):
        world.set("ok", f"min{number}", number, id=str(53 * 10**12 + number))
    outcomes = collect("ok", *(str(53 * 10**12 + number) for number in range(120)))
    assert [outcome.followers for outcome in outcomes] == list(range(120))
    assert [len(request.one("uids").split(",")) for _, request in world.log] == [100, 20]


@pytest.mark.parametrize("token", ["", ok.ACCESS_TOKEN])
def test_signature_with_and_without_a_session(collect, world, token):
    world.set("ok", "examplemin", 5, id=ID)
    (outcome,) = collect("ok", ID, access_token=token)
    assert outcome.followers == 5


def test_signature_is_md5_of_the_sorted_parameters_and_the_secret():
    # What `printf a=1b=2secret | md5sum` prints.
    assert signature({"b": "2", "a": "1"}, Keys("key", "secret", "")) == "d37cfe88ec8ff020e497f5197bf3ba1c"


def test_unknown_group_is_not_found(collect, world):
    world.set("ok", "examplemin", 5, id=ID)
    first, second, third = collect("ok", "53000000000404", ID, "ok.ru/nobody")
    assert (first.kind, second.followers, third.kind) == (Kind.NOT_FOUND, 5, Kind.NOT_FOUND)


def test_persons_count_is_not_given(collect, world):
    world.set("ok", "abenov", 5, state="person")
    by_name, by_number = collect("ok", "ok.ru/abenov", "ok.ru/profile/570000000001")
    assert (by_name.kind, by_name.followers, by_number.kind) == (Kind.ERROR, None, Kind.ERROR)
    assert by_name.detail.startswith("not_a_group")
    assert by_number.detail.startswith("person")


@pytest.mark.parametrize(("code", "kind"), [(160, Kind.NOT_FOUND), (110, Kind.NOT_FOUND), (100, Kind.ERROR)])
def test_errors_about_one_cost_nobody_else(collect, world, code, kind):
    world.set("ok", "examplemin", 7, id=ID)
    world.set("ok", "other", 5, id="53000000000002", more={"error": code})
    first, second = collect("ok", "53000000000002", ID)
    assert (first.kind, first.followers, second.followers) == (kind, None, 7)


@pytest.mark.parametrize(
    ("code", "failure", "name"),
    [
        (2, Unavailable, "server_error"),
        (11, Limited, "rate"),
        (101, OurFault, "bad_token"),
        (102, OurFault, "token_expired"),
        (103, OurFault, "bad_token"),
        (104, OurFault, "bad_token"),
        (200, OurFault, "no_permission"),
        (3, OurFault, "bad_request"),
    ],
)
@pytest.mark.parametrize("text", [ID, "ok.ru/examplemin"])
def test_errors_that_are_not_about_an_account(collect, world, code, failure, name, text):
    world.fail("ok", ok.error(code, f"said so {ok.SECRET_KEY}"))
    with pytest.raises(failure) as error:
        collect("ok", text)
    assert error.value.code == name
    assert ok.SECRET_KEY not in str(error.value)


@pytest.mark.parametrize(("key", "code"), [("secret_key", "bad_token"), ("access_token", "token_expired")])
def test_wrong_keys_are_noticed(collect, key, code):
    with pytest.raises(OurFault, match=code):
        collect("ok", ID, **{key: "wrong"})


@pytest.mark.parametrize("more", [{"members_count": -1}, {"members_count": "5"}, {"members_count": None}])
def test_count_that_is_none_is_an_error(collect, world, more):
    world.set("ok", "examplemin", 5, id=ID, more=more)
    assert collect("ok", ID)[0].kind == Kind.ERROR


def test_missing_count_is_hidden(collect, world):
    world.set("ok", "examplemin", 5, id=ID, state="uncounted")
    (outcome,) = collect("ok", ID)
    assert (outcome.kind, outcome.detail) == (Kind.HIDDEN, "no_count")


@pytest.mark.parametrize("body", [{}, None, "x", {"error_code": "x"}])
def test_answer_of_no_shape(collect, world, body):
    world.fail("ok", as_json(body))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("ok", ID)


@pytest.mark.parametrize("missing", ["application_key", "secret_key"])
def test_without_its_keys_nothing_is_asked(collect, world, missing):
    assert not OK().is_configured
    with pytest.raises(OurFault, match="not_configured"):
        collect("ok", Target("ok", "", ID), **{missing: ""})
    assert world.log == []
