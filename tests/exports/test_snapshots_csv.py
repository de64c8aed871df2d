from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.registry.models import OldSlug
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source
from tests.exports.reading import body, column, get, rows

# Exports read by a connection of their own, so the rows must be committed.
pytestmark = pytest.mark.django_db(transaction=True)

HEADER = (
    b"day,span,actor_slug,actor_name,kind,platform,handle,account_id,state,bound,followers,precision,"
    b"observed_at,source,locator,note\n"
)


def test_nothing_recorded_gives_the_header_alone():
    response, content = get("snapshots.csv")
    assert content == HEADER
    assert response["X-Row-Count"] == "0"


def test_every_byte_of_a_small_file():
    source = make_source("koshkenov2022")
    abenov = make_account(
        make_actor(
            "abenov", "blogger", name_en="Murat Abenov", name_ru="Мурат Абенов", name_kk="Мұрат Әбенов"
        ),
        handle="0071",
        pk=12,
    )
    make_snapshot(
        abenov, "2022", 64000, source=source, precision="printed", bound="~", locator="Table 2, p. 7",
        note='Section 4.1 prints: "about 64 thousand";\nrounded',
    )  # fmt: skip
    instant = datetime(2026, 5, 1, 23, 5, 9, 987654, tzinfo=UTC)
    make_snapshot(abenov, "2026-05-02", 65123, source=source, observed_at=instant)
    make_snapshot(abenov, "2026-05-03", source=source)
    assert body("snapshots.csv") == (
        HEADER
        + b"2022-01-01,year,abenov,Murat Abenov,blogger,facebook,0071,12,counted,~,64000,printed,,koshkenov2022,"
        b'"Table 2, p. 7","Section 4.1 prints: ""about 64 thousand"";\nrounded"\n'
        b"2026-05-02,day,abenov,Murat Abenov,blogger,facebook,0071,12,counted,=,65123,exact,"
        b"2026-05-01T23:05:09Z,koshkenov2022,,\n"
        b"2026-05-03,day,abenov,Murat Abenov,blogger,facebook,0071,12,absent,,,exact,,koshkenov2022,,\n"
    )


def test_rows_are_in_byte_order_whatever_the_order_of_recording():
    upper = make_account("Zeta", "youtube")
    under = make_account("a_b", "x")
    dashed = make_actor("a-b")
    second, first = make_account(dashed, "vk"), make_account(dashed, "telegram")
    third = make_account(dashed, "vk")
    for account in (third, under, second, upper, first):
        make_snapshot(account, "2022-01-01", 5)
        make_snapshot(account, "2022", 7)
        make_snapshot(account, "2022-01", 6)
        make_snapshot(account, "2021-12-31", 4)
    found = [(row["actor_slug"], row["platform"], int(row["account_id"])) for row in rows("snapshots.csv")]
    accounts = [
        ("Zeta", "youtube", upper.pk),
        ("a-b", "telegram", first.pk),
        ("a-b", "vk", second.pk),
        ("a-b", "vk", third.pk),
        ("a_b", "x", under.pk),
    ]
    assert found == [account for account in accounts for _row in range(4)]
    assert column("snapshots.csv", "span") == ["day", "day", "month", "year"] * 5
    assert column("snapshots.csv", "followers")[:4] == ["4", "5", "6", "7"]


def test_hidden_actors_are_left_out():
    make_snapshot(make_account("shown"), "2022", 1)
    make_snapshot(make_account(make_actor("secret", hidden=True)), "2022", 2)
    response, content = get("snapshots.csv")
    assert b"secret" not in content
    assert response["X-Row-Count"] == "1"


@pytest.mark.parametrize(("language", "name"), [("kk", "Мұрат"), ("ru", "Мурат"), ("en", "Murat")])
def test_names_are_in_the_language_asked_for(language, name):
    make_snapshot(make_account(make_actor("m", name_en="Murat", name_ru="Мурат", name_kk="Мұрат")), "2022", 1)
    assert column(f"snapshots.csv?lang={language}", "actor_name") == [name]
    assert get(f"snapshots.csv?lang={language}")[0]["Content-Language"] == language


def test_a_name_that_is_missing_is_given_in_english():
    make_snapshot(make_account(make_actor("m", name_en="Murat", name_kk="")), "2022", 1)
    assert column("snapshots.csv?lang=kk", "actor_name") == ["Murat"]


def test_filters_narrow_the_rows():
    ministry = make_actor("ministry", region="Astana", name_ru="Министерство труда")
    person = make_actor("person", "blogger")
    make_group("pair", [person])
    make_snapshots(make_account(ministry, "facebook"), {"2017": 1, "2022-06-01": 2, "2022-07-01": 3})
    make_snapshots(make_account(ministry, "x"), {"2022-06-01": None})
    make_snapshots(make_account(person, "facebook"), {"2022-06-01": 5})
    OldSlug.objects.create(slug="old-person", actor=person)

    def followers(query):
        return column(f"snapshots.csv?{query}", "followers")

    assert followers("platform=x") == [""]
    assert followers("kind=blogger") == ["5"]
    assert followers("kind=blogger&kind=state_body") == ["1", "2", "3", "", "5"]
    assert followers("region=Astana&platform=facebook") == ["1", "2", "3"]
    assert followers("group=pair") == ["5"]
    assert followers("actor=person&actor=ministry") == ["1", "2", "3", "", "5"]
    assert followers("actor=old-person") == ["5"]
    assert followers(
        "q=%D0%9C%D0%98%D0%9D%D0%98%D0%A1%D0%A2%D0%95%D0%A0%D0%A1%D0%A2%D0%92%D0%9E&platform=x"
    ) == [""]
    assert followers("state=absent") == [""]
    assert followers("from=2022-06&to=2022-06&state=counted") == ["2", "5"]
    assert followers("from=2022-06-02") == ["3"]
    assert followers("to=2017") == ["1"]
    assert followers("platform=&kind=&q=&from=&to=2017&view=line&v=1763800000") == ["1"]


def test_the_name_of_the_file_says_what_is_inside():
    make_group("agencies", [make_actor("a"), make_actor("b")])
    day = r"-\d{4}-\d{2}-\d{2}\.csv"

    def disposition(query):
        return get(f"snapshots.csv?{query}")[0]["Content-Disposition"]

    import re

    assert re.fullmatch(
        f'attachment; filename="kzmedia-snapshots-facebook{day}"', disposition("platform=facebook")
    )
    assert re.fullmatch(
        f'attachment; filename="kzmedia-snapshots-state-body-agencies-a-b-excel-from-2017-01-01{day}"',
        disposition("kind=state_body&group=agencies&actor=a&actor=b&from=2017&preset=excel"),
    )
    assert disposition("q=%D0%90%D0%B1%D0%B5%D0%BD").startswith(
        "attachment; filename*=utf-8''kzmedia-snapshots-%D0%B0%D0%B1%D0%B5%D0%BD-"
    )


def test_a_head_request_says_the_count_and_gives_no_rows(client):
    make_snapshots(make_account("a"), {"2017": 1, "2022": 2})
    response = client.head("/export/snapshots.csv?to=2017")
    assert response.status_code == 200
    assert response["X-Row-Count"] == "1"
    assert response.getvalue() == b""


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading_is_allowed(client, method):
    assert getattr(client, method)("/export/snapshots.csv").status_code == 405


def test_cost_does_not_grow():
    def cost():
        with CaptureQueriesContext(connection) as queries:
            body("snapshots.csv?platform=facebook&actor=a0&lang=ru")
        return len(queries)

    make_snapshots(make_account("a0"), {"2017": 1})
    few = cost()
    for number in range(1, 21):
        make_snapshots(make_account(f"a{number}"), {"2017": number})
    make_snapshots(make_account("a0-more"), {str(year): year for year in range(1990, 2026)})
    assert cost() == few
