from datetime import date

import pytest

from apps.exports.trend import time_text
from apps.standings.trends import trend
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source
from tests.exports.reading import BOM, body, get, rows, table

pytestmark = pytest.mark.django_db

HEADER = (
    b"day,span,actor_slug,actor_name,kind,platform,handle,account_id,state,bound,followers,precision,source,"
    b"locator,note\n"
)


@pytest.fixture
def pair():
    source = make_source("koshkenov2022")
    abenov = make_actor("abenov", "blogger", name_en="Murat Abenov", name_ru="Мурат Абенов")
    labor = make_actor("labor", name_en="Ministry of Labor")
    make_snapshots(
        make_account(abenov, handle="007", pk=90012), {"2017": 39000, "2022": 64000}, source=source
    )
    make_snapshots(
        make_account(labor, handle="labor", pk=90013), {"2017": 570, "2022-03-01": None}, source=source
    )
    make_group("pair", [abenov, labor], reference=abenov)


def test_every_byte_of_a_long_file(pair):
    assert body("trend.csv?group=pair&to=2022") == (
        HEADER
        + b"2017-01-01,year,abenov,Murat Abenov,blogger,facebook,007,90012,counted,=,39000,exact,koshkenov2022,,\n"
        b"2022-01-01,year,abenov,Murat Abenov,blogger,facebook,007,90012,counted,=,64000,exact,koshkenov2022,,\n"
        b"2017-01-01,year,labor,Ministry of Labor,state_body,facebook,labor,90013,counted,=,570,exact,koshkenov2022,,\n"
        b"2022-03-01,day,labor,Ministry of Labor,state_body,facebook,labor,90013,absent,,,exact,koshkenov2022,,\n"
    )


def test_every_byte_of_a_wide_file(pair):
    response, content = get("trend.csv?group=pair&to=2022&layout=wide&lang=ru")
    assert content.decode() == ("day,Мурат Абенов,labor ru\n2017,39000,570\n2022,64000,\n2022-03-01,,\n")
    assert response["X-Row-Count"] == "3"
    assert "kzmedia-trend-wide-pair-to-2022-12-31-" in response["Content-Disposition"]


def test_the_wide_file_has_the_numbers_of_the_chart(pair):
    chart = trend(Scope(group="pair"), None, date(2022, 12, 31))
    file = rows("trend.csv?group=pair&to=2022&layout=wide")
    for line in chart.series:
        drawn = {time_text(point.day, point.span): str(point.followers or "") for point in line.points}
        assert {row["day"]: row[line.name_en] for row in file if row["day"] in drawn} == drawn


def test_spans_that_begin_on_one_day_have_a_row_each():
    make_snapshots(make_account(make_actor("a", name_en="A")), {"2022-01-01": 3, "2022-01": 2, "2022": 1})
    assert rows("trend.csv?layout=wide&to=2022") == [
        {"day": "2022", "A": "1"},
        {"day": "2022-01", "A": "2"},
        {"day": "2022-01-01", "A": "3"},
    ]


def test_a_wide_cell_is_a_number_only_where_the_record_gives_one():
    """The form that chart tools read has no place for a bound: "more than 10,000" is not 10000."""
    account = make_account(make_actor("a", name_en="A"))
    make_snapshot(account, "2022-05-31", 10_000, bound=">")
    make_snapshot(account, "2022-06", 76_000, precision="abbrev")
    make_snapshot(account, "2022-05-30", 9_000, bound="~")
    make_snapshot(account, "2022-05-29", 8_000, bound="<")
    hiding = make_actor("b", name_en="B")
    make_snapshot(make_account(hiding), "2022-05-31", 7)
    make_snapshot(make_account(hiding), "2022-05-31", state="hidden")
    assert (
        body("trend.csv?layout=wide&to=2022")
        == b"day,A,B\n2022-05-29,,\n2022-05-30,,\n2022-05-31,,\n2022-06,76000,\n"
    )
    assert body("trend.csv?layout=wide&to=2022&details=1") == (
        b"day,A,A: bound,A: precision,B,B: bound,B: precision\n"
        b"2022-05-29,8000,<,exact,,,\n2022-05-30,9000,~,exact,,,\n"
        b"2022-05-31,10000,>,exact,7,>,exact\n2022-06,76000,=,abbrev,,,\n"
    )


def test_a_row_names_the_page_that_was_counted():
    old = make_actor("old")
    make_snapshots(make_account(old, handle="old-page"), {"2022-05-31": 300})
    make_snapshots(make_account(make_actor("new", succeeds=old), handle="new-page"), {"2022-06-01": 50})
    assert [
        (row["day"], row["actor_slug"], row["handle"]) for row in rows("trend.csv?actor=new&to=2022")
    ] == [
        ("2022-05-31", "new", "old-page"),
        ("2022-06-01", "new", "new-page"),
    ]


@pytest.mark.django_db(transaction=True)  # snapshots are copied over a connection of their own
def test_one_day_is_a_stretch_of_time():
    make_snapshots(make_account("a"), {"2022-05-30": 1, "2022-05-31": 2, "2022-06-01": 3})
    for file in ("trend.csv", "snapshots.csv"):
        assert [row["followers"] for row in rows(f"{file}?from=2022-05-31&to=2022-05-31")] == ["2"]


def test_details_are_of_the_wide_layout():
    response, content = get("trend.csv?details=1")
    assert (response.status_code, content) == (
        400,
        "Only the wide layout has “details”: the long one holds them in its columns.\n".encode(),
    )


def test_lines_of_one_name_are_told_apart():
    twin = {"name_en": "Twin"}
    first = make_actor("first", **twin)
    make_account(first, "facebook", handle="one")
    make_account(first, "facebook", handle="two")
    make_account(first, "x", handle="three")
    make_account(make_actor("second", **twin), "x", handle="three-too")
    make_account(make_actor("other", name_en="Other"), "x")
    assert body("trend.csv?layout=wide&rows=accounts").decode() == (
        'day,"Twin, Facebook, one","Twin, Facebook, two","Twin, X, three",Other,"Twin, X, three-too"\n'
    )


def test_the_reference_is_only_there_where_it_is_asked_for(pair):
    assert {row["actor_slug"] for row in rows("trend.csv?group=pair&actor=labor&to=2022")} == {"labor"}


def test_the_excel_preset_disarms_names_in_the_header_too():
    make_snapshots(make_account(make_actor("a", name_en="=A1;B2")), {"2022": 1})
    assert body("trend.csv?layout=wide&to=2022&preset=excel") == BOM + b'day;"\'=A1;B2"\n2022;1\n'
    (row,) = table(body("trend.csv?to=2022&preset=excel"), ";")
    assert (row["actor_name"], row["bound"], row["followers"]) == ("'=A1;B2", "'=", "1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_every_start_of_a_formula_is_disarmed_in_the_preset_and_kept_in_the_plain_file(start):
    name, handle = f"{start}SUM", f"{start}handle"
    make_snapshots(make_account(make_actor("a", name_en=name), handle=handle), {"2022": 1})
    for file in ("trend.csv?to=2022&", "snapshots.csv?", "standings.csv?on=2022&rows=accounts&"):
        (plain,) = table(body(file.rstrip("&?")))
        assert (plain["actor_name"], plain["handle"]) == (name, handle), file
        (safe,) = table(body(f"{file}preset=excel"), ";")
        assert (safe["actor_name"], safe["handle"]) == (f"'{name}", f"'{handle}"), file
    wide = "trend.csv?layout=wide&to=2022"
    assert list(table(body(wide))[0]) == ["day", name]
    assert list(table(body(f"{wide}&preset=excel"), ";")[0]) == ["day", f"'{name}"]


def test_an_address_is_stable_for_tools_that_read_it_again(pair):
    address = "trend.csv?group=pair&to=2022&layout=wide&v=1763800000"
    response, _content = get(address)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "public, max-age=60"
    again, nothing = get(address, **{"If-None-Match": response["ETag"]})
    assert (again.status_code, nothing) == (304, b"")
    packed, _bytes = get(address, **{"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert packed["ETag"] != response["ETag"]
    make_snapshots(make_account("newcomer"), {"2017": 1})
    assert (
        get(address.replace("group=pair&", ""), **{"If-None-Match": response["ETag"]})[0].status_code == 200
    )


def test_more_lines_than_a_chart_has_are_refused():
    for number in range(200):
        make_account(f"a{number}", "telegram")
    make_account("b", "x")
    assert get("trend.csv?platform=telegram")[0].status_code == 200
    make_account("a200", "telegram")
    response, content = get("trend.csv?platform=telegram")
    assert response.status_code == 400
    assert "201 lines" in content.decode()
    assert get("trend.csv?platform=x")[0].status_code == 200


@pytest.mark.parametrize(
    "query", ["layout=round", "platform=myspace", "on=2022", "from=2022&to=2021", "state=counted"]
)
def test_a_wrong_value_is_refused_by_name(query):
    response, content = get(f"trend.csv?{query}")
    assert response.status_code == 400
    assert f"“{query.partition('=')[0]}”" in content.decode()


def test_hidden_actors_are_left_out():
    make_snapshots(make_account(make_actor("secret", hidden=True)), {"2022": 1})
    assert body("trend.csv") == HEADER
