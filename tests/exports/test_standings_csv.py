import pytest

from apps.registry.models import Account
from apps.standings.league import league
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_group, make_snapshots, make_source
from tests.exports.reading import body, column, get, rows

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = (
    b"rank,actor_slug,actor_name,kind,platform,handle,account_id,state,bound,followers,precision,day,span,"
    b"rank_then,followers_then,day_then,span_then,change,change_percent,yearly_growth_percent_low,"
    b"yearly_growth_percent_high,within_rounding,gap_to_reference,times_reference,share_percent,reach_percent,source,"
    b"parts,of,parts_then,of_then,first_day,first_day_then,rank_of,rank_then_of,rank_is_open,last_day,last_day_then,"
    b"rank_change,bound_then,precision_then,rank_then_is_open,change_bound,change_parts,change_since,change_since_span,"
    b"change_until,change_until_span,gap_bound,share_bound,reach_bound\n"
)


@pytest.fixture
def table2():
    source = make_source("koshkenov2022")
    counts = {
        "abenov": {"2017": 39000, "2022": 64000},
        "president": {"2017": 31000, "2022": 76000},
        "defense": {"2017": 20000, "2022": None},
    }
    for slug, values in counts.items():
        make_snapshots(make_account(slug, handle=slug), values, source=source, precision="printed")
    from apps.registry.models import Actor

    make_group("table2", Actor.objects.all(), reference=Actor.objects.get(slug="abenov"))


def test_the_league_of_a_group(table2):
    response, content = get("standings.csv?group=table2&on=2022&since=2017")
    assert content.startswith(HEADER)
    assert response["X-Row-Count"] == "3"
    president, abenov, defense = rows("standings.csv?group=table2&on=2022&since=2017")
    assert (president["rank"], president["rank_then"], president["gap_to_reference"]) == ("1", "2", "12000")
    assert (president["times_reference"], president["state"], president["span"]) == (
        "1.1875",
        "counted",
        "year",
    )
    assert (abenov["rank"], abenov["change"], abenov["change_percent"]) == ("2", "25000", "64.1026")
    assert abenov["within_rounding"] == "false"
    assert (defense["state"], defense["rank"], defense["followers"], defense["change"]) == (
        "absent",
        "",
        "",
        "",
    )
    assert (defense["followers_then"], defense["share_percent"], defense["source"]) == (
        "20000",
        "",
        "koshkenov2022",
    )


def test_the_file_gives_the_numbers_of_the_page(table2):
    from datetime import date

    page = league(Scope(group="table2"), date(2022, 12, 31), date(2017, 12, 31))
    file = rows("standings.csv?group=table2&on=2022&since=2017")
    assert [(row.actor_slug, row.rank, row.gap) for row in page.rows] == [
        (row["actor_slug"], int(row["rank"]) if row["rank"] else None, whole(row["gap_to_reference"]))
        for row in file
    ]


def whole(text):
    return int(text) if text else None


def test_handle_and_account_stand_only_where_the_row_is_one_account(table2):
    make_snapshots(make_account(make_actor("two"), handle="one"), {"2022": 5})
    from apps.registry.models import Actor

    make_snapshots(make_account(Actor.objects.get(slug="two"), "x", handle="other"), {"2022": 6})
    by_actor = {row["actor_slug"]: row for row in rows("standings.csv?on=2022")}
    assert (by_actor["two"]["followers"], by_actor["two"]["handle"], by_actor["two"]["account_id"]) == (
        "11",
        "",
        "",
    )
    assert by_actor["abenov"]["handle"] == "abenov"
    assert "other" in column("standings.csv?on=2022&rows=accounts", "handle")


def test_filters_narrow_the_rows(table2):
    make_snapshots(make_account(make_actor("blogger", "blogger"), "x"), {"2022-12-30": 7})
    assert column("standings.csv?on=2022&kind=blogger", "actor_slug") == ["blogger"]
    assert column("standings.csv?on=2022&platform=x", "actor_slug") == ["blogger"]
    assert column("standings.csv?on=2022&actor=abenov&actor=blogger", "actor_slug") == ["abenov", "blogger"]
    assert column("standings.csv?on=2023-06-01&fresh=1", "actor_slug") == []
    assert column("standings.csv?on=2022&actor=blogger&reference=abenov", "gap_to_reference") == ["-63993"]
    assert column("standings.csv?on=2022&since=1y&actor=abenov", "followers_then") == ["39000"]


def test_hidden_actors_are_left_out(table2):
    make_snapshots(make_account(make_actor("secret", hidden=True)), {"2022": 1_000_000})
    assert b"secret" not in body("standings.csv?on=2022")


@pytest.mark.parametrize("q", ["абенов", "abenof", "МУРАТ абе", "ministry", "әбенов"])
def test_a_search_finds_the_same_actors_in_both_files(q):
    for slug, name in (("abenov", "Мурат Абенов"), ("labor", "Министерство труда"), ("m", "Ministry")):
        make_snapshots(make_account(make_actor(slug, name_en=slug, name_ru=name)), {"2022": 1})
    found = set(column(f"standings.csv?q={q}", "actor_slug"))
    assert found
    assert set(column(f"snapshots.csv?q={q}", "actor_slug")) == found


def test_the_name_of_the_file_says_what_is_inside(table2):
    name = get("standings.csv?group=table2&on=2022&since=2017&rows=accounts&fresh=1")[0][
        "Content-Disposition"
    ]
    assert name == (
        'attachment; filename="kzmedia-standings-table2-accounts-fresh-since-2017-12-31-2022-12-31.csv"'
    )


def test_what_is_made_of_a_bound_says_at_least_or_at_most():
    printed = {"precision": "printed"}
    make_snapshots(make_account("first", handle="f"), {"2016": 10000}, bound=">", **printed)
    make_snapshots(Account.objects.get(actor__slug="first"), {"2022": 76000}, **printed)
    make_snapshots(make_account("second"), {"2017": 31000, "2022": 64000}, **printed)
    make_snapshots(make_account("third"), {"2022": 60000}, bound=">", **printed)
    first, second, third = rows("standings.csv?platform=facebook&on=2022&since=2017&reference=second")
    assert (first["followers_then"], first["bound_then"], first["precision_then"]) == (
        "10000",
        ">",
        "printed",
    )
    assert (first["change"], first["change_bound"], first["change_parts"]) == ("66000", "<", "1")
    assert [first[f"change_{end}"] for end in ("since", "since_span", "until", "until_span")] == [
        "2016-01-01",
        "year",
        "2022-01-01",
        "year",
    ]
    assert [row["rank_then_is_open"] for row in (first, second, third)] == ["true", "true", ""]
    assert [row["gap_bound"] for row in (first, second, third)] == ["=", "=", ">"]
    assert [row["share_bound"] for row in (first, second, third)] == ["<", "<", ">"]
    assert [third[name] for name in ("bound_then", "change_bound", "change_since", "reach_bound")] == [""] * 4
