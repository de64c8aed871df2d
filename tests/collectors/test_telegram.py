from datetime import UTC, datetime, timedelta

import pytest

from apps.collectors.numbers import read_printed
from apps.collectors.telegram import Telegram
from apps.collectors.types import Kind, Limited, OurFault, Target, Unavailable
from tests.platforms import telegram
from tests.platforms.telegram import TOKEN
from tests.platforms.world import as_json, page

# The public page


def test_channel_is_counted_exactly(collect, world):
    world.set("telegram", "examplemin", 76012, title="Example <Ministry> & Co", verified=True)
    (outcome,) = collect("telegram", "t.me/ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 76012, "exact")
    assert (outcome.title, outcome.verified) == ("Example <Ministry> & Co", True)
    assert (outcome.handle, outcome.platform_id) == ("ExampleMin", "")  # the page gives no id
    assert datetime.now(UTC) - outcome.observed_at < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("text", "followers"),
    [
        ("76 012 subscribers", 76012),
        ("76\u00a0012 subscribers", 76012),
        ("76\u202f012 subscribers", 76012),
        ("76&nbsp;012 subscribers", 76012),
        ("76,012 subscribers", 76012),
        ("1 subscriber", 1),
        ("0 subscribers", 0),
        ("8 705 765 subscribers", 8705765),
        ("15 121 members, 314 online", 15121),
        ("1 member", 1),
        ("76 012 подписчиков", 76012),
        ("1 подписчик", 1),
        ("15 121 участник, 314 в сети", 15121),
        ("76 012 жазылушы", 76012),
    ],
)
def test_every_way_the_page_writes_a_count(collect, world, text, followers):
    world.set("telegram", "examplemin", more={"extras": [text]})
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, followers, "exact")


@pytest.mark.parametrize(
    ("text", "followers"),
    [
        ("12.4K subscribers", 12_400),
        ("1.2M subscribers", 1_200_000),
        ("12,4 тыс. подписчиков", 12_400),
        ("1,2 млн подписчиков", 1_200_000),
        ("76K members, 314 online", 76_000),
        ("12,4 мың жазылушы", 12_400),
    ],
)
def test_abbreviated_count_of_the_page_is_kept_as_such(collect, world, text, followers):
    world.set("telegram", "examplemin", more={"extras": [text]})
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, followers, "abbrev")


def test_count_is_found_behind_another_block(collect, world):
    world.set("telegram", "examplemin", more={"extras": ["@examplemin", "76 012 subscribers"]})
    assert collect("telegram", "t.me/examplemin")[0].followers == 76012


def test_group_is_counted_by_its_first_number(collect, world):
    world.set("telegram", "examplegroup", 15121, state="group")
    assert collect("telegram", "t.me/examplegroup")[0].followers == 15121


@pytest.mark.parametrize(("state", "detail"), [("person", "person"), ("bot", "bot")])
def test_person_and_bot_have_no_followers(collect, world, state, detail):
    world.set("telegram", "examplemin", 8705765, state=state)
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)
    assert outcome.detail.startswith(detail)


@pytest.mark.parametrize(
    "text", ["1 234 пользователя в месяц", "8 705 765 пользователей за месяц", "айлық 8 705 пайдаланушы"]
)
def test_a_bot_is_known_in_every_language_of_the_page(collect, world, text):
    world.set("telegram", "examplemin", more={"extras": ["@examplemin", text]})
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)
    assert outcome.detail.startswith("bot")


def test_contact_page_means_nobody(collect):
    (outcome,) = collect("telegram", "t.me/nobody")
    assert (outcome.kind, outcome.detail) == (Kind.NOT_FOUND, "contact_page")


@pytest.mark.parametrize(
    "text",
    [
        "no subscribers",
        "76 01 subscribers",
        "subscribers: 76",
        "-5 members",
        "76X subscribers",
        "12.4 подписчика",
    ],
)
def test_count_that_cannot_be_read_is_no_number(collect, world, text):
    world.set("telegram", "examplemin", more={"extras": [text]})
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)
    assert "unknown_text" in outcome.detail


def test_page_without_count_falls_back_to_the_abbreviated_preview(collect, world):
    world.set("telegram", "examplemin", state="hidden", title="Кеңсе", more={"short": "76.5K"})
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert (outcome.followers, outcome.precision, outcome.title) == (76500, "abbrev", "Кеңсе")
    assert [request.path for _, request in world.log] == ["/examplemin", "/s/examplemin"]


def test_preview_that_leads_back_to_the_page_has_no_count(collect, world):
    world.set("telegram", "examplemin", state="hidden")
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert outcome.kind == Kind.ERROR
    assert outcome.detail.startswith("no_count")


def test_page_of_somebody_else_is_not_read(collect, world):
    world.fail("telegram", page("<html><body>76 012 subscribers</body></html>"))
    with pytest.raises(Unavailable, match="bad_shape"):
        collect("telegram", "t.me/examplemin")


def test_page_without_its_end_is_truncated(collect, world):
    world.set("telegram", "examplemin", 76012)
    whole = telegram.PAGE.format(
        name="x", og="x", body='<div class="tgme_page_extra">76 012 subscribers</div>'
    )
    world.fail("telegram", page(whole.partition("</html>")[0]))
    with pytest.raises(Unavailable, match="truncated"):
        collect("telegram", "t.me/examplemin")


def test_failure_in_the_middle_keeps_what_was_answered(collect, world):
    world.set("telegram", "first", 1)
    world.set("telegram", "third", 3)
    world.fail(
        "telegram",
        page(telegram.PAGE.format(name="x", og="x", body='<div class="tgme_page_extra">1 subscriber</div>')),
    )
    world.fail("telegram", "429")
    with pytest.raises(Limited) as error:
        collect("telegram", "t.me/first", "t.me/second", "t.me/third")
    assert [(outcome.target.handle, outcome.followers) for outcome in error.value.outcomes] == [("first", 1)]


def test_name_that_is_none_is_not_asked_for(collect, world):
    (outcome,) = collect("telegram", Target("telegram", "../etc"))
    assert (outcome.kind, outcome.detail) == (Kind.ERROR, "bad_handle")
    assert world.log == []


def test_two_million_tags_are_read_in_a_moment(collect, world):
    body = '<div class="tgme_page_extra">' * 60_000 + "</html>"
    world.fail("telegram", page(body))
    (outcome,) = collect("telegram", "t.me/examplemin")
    assert outcome.kind == Kind.ERROR


# The Bot API


@pytest.fixture
def ask(collect):
    return lambda *texts, token=TOKEN: collect("telegram", *texts, token=token)


def test_bot_counts_and_gives_the_id(ask, world):
    world.set("telegram", "examplemin", 76012, id="-1001000000001", title="Example Ministry")
    (outcome,) = ask("t.me/ExampleMin")
    assert (outcome.kind, outcome.followers, outcome.precision) == (Kind.COUNTED, 76012, "exact")
    assert (outcome.platform_id, outcome.handle, outcome.title) == (
        "-1001000000001",
        "examplemin",
        "Example Ministry",
    )
    assert outcome.verified is None


def test_bot_asks_by_name_even_where_the_id_is_known(ask, world):
    world.set("telegram", "examplemin", 5, id="-1009")
    ask(Target("telegram", "examplemin", "-1009"))
    assert world.log[0][1].one("chat_id") == "@examplemin"


@pytest.mark.parametrize(
    ("state", "kind"),
    [("private", Kind.PRIVATE), ("kicked", Kind.PRIVATE), ("person", Kind.NOT_FOUND), ("bot", Kind.ERROR)],
)
def test_what_the_bot_may_not_see(ask, world, state, kind):
    world.set("telegram", "examplemin", 5, state=state)
    (outcome,) = ask("t.me/examplemin")
    assert (outcome.kind, outcome.followers) == (kind, None)


def test_unknown_chat_is_not_found(ask):
    (outcome,) = ask("t.me/nobody")
    assert outcome.kind == Kind.NOT_FOUND
    assert "chat not found" in outcome.detail


@pytest.mark.parametrize("token", ["1:wrong", "malformed"])
def test_bad_token_is_our_fault_and_is_not_shown(ask, token):
    with pytest.raises(OurFault) as error:
        ask("t.me/examplemin", token=token)
    assert error.value.code == "bad_token"
    assert token not in str(error.value)


def test_flood_says_how_long_to_wait(ask, world):
    world.fail("telegram", telegram.flood(35))
    with pytest.raises(Limited) as error:
        ask("t.me/examplemin")
    assert timedelta(seconds=30) < error.value.retry_at - datetime.now(UTC) <= timedelta(seconds=35)


@pytest.mark.parametrize("count", [-1, 1.5, "5", None, True, 2**63])
def test_bot_count_that_is_none_is_an_error(ask, world, count):
    world.set("telegram", "examplemin", count)
    (outcome,) = ask("t.me/examplemin")
    assert (outcome.kind, outcome.followers) == (Kind.ERROR, None)
    assert outcome.detail.startswith("not_a_count")


@pytest.mark.parametrize(
    "body", [{}, [], None, {"ok": True}, {"ok": False}, {"ok": False, "error_code": "x"}]
)
def test_answers_of_no_shape(ask, world, body):
    world.fail("telegram", as_json(body), always=True)
    try:
        (outcome,) = ask("t.me/examplemin")
    except Unavailable as failure:
        assert failure.code == "bad_shape"  # noqa: PT017 (either is right)
    else:
        assert outcome.kind == Kind.ERROR


def test_bot_failure_as_html_is_the_platforms(ask, world):
    world.fail("telegram", "503")
    with pytest.raises(Unavailable, match="server_error"):
        ask("t.me/examplemin")


def test_source_says_which_way_was_taken():
    assert Telegram().source == "page-telegram"
    assert Telegram(token=TOKEN).source == "api-telegram"
    assert Telegram().is_configured


def test_longest_wait_is_a_day(ask, world):
    world.fail("telegram", telegram.flood(10**12))
    with pytest.raises(Limited) as error:
        ask("t.me/examplemin")
    assert error.value.retry_at - datetime.now(UTC) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("76K", (76000, "abbrev")),
        ("76.5K", (76500, "abbrev")),
        ("1.23M", (1230000, "abbrev")),
        ("1,2M", (1200000, "abbrev")),
        ("2B", (2000000000, "abbrev")),
        ("999", (999, "exact")),
        ("1 234 567", (1234567, "exact")),
        ("12 34", None),
        ("1,234K", None),
        ("1.2.3K", None),
        ("", None),
        ("K", None),
        ("٧٦", None),
    ],
)
def test_printed_numbers(text, value):
    assert read_printed(text) == value
