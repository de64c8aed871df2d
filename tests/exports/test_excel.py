import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.exports.columns import stays_text
from apps.registry.models import Account, Actor, Source
from apps.snapshots.models import Snapshot
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source
from tests.exports.reading import BOM, body, table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_byte_of_a_small_file():
    account = make_account(make_actor("abenov", "blogger", name_en="=SUM(A1:A9)"), handle="@abenov", pk=12)
    make_snapshot(
        account, "2022", 64000, source=make_source("k"), bound=">", locator="-1;2", note="p. 7, above"
    )
    assert body("snapshots.csv?preset=excel") == (
        BOM
        + b"day;span;actor_slug;actor_name;kind;platform;handle;account_id;state;bound;followers;precision;"
        b"observed_at;source;locator;note\n"
        b"2022-01-01;year;abenov;'=SUM(A1:A9);blogger;facebook;'@abenov;12;counted;>;64000;exact;;k;"
        b'"\'-1;2";p. 7, above\n'
    )


def test_numbers_have_a_decimal_comma_and_keep_their_sign():
    first, second = make_actor("first"), make_actor("second")
    make_group("pair", [first, second], reference=first)
    make_snapshots(make_account(first), {"2020-01-01": 300, "2022-01-01": 400})
    make_snapshots(make_account(second), {"2020-01-01": 300, "2022-01-01": 100})
    query = "standings.csv?group=pair&on=2022-01-01&since=2020-01-01"
    plain, excel = body(query), body(f"{query}&preset=excel")
    fallen = table(plain)[1]
    assert (fallen["change"], fallen["change_percent"]) == ("-200", "-66.6667")
    fallen = table(excel, ";")[1]
    assert (fallen["change"], fallen["change_percent"]) == ("-200", "-66,6667")
    assert fallen["times_reference"] == "0,25"
    assert b"." not in excel


letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
spiky = st.sampled_from(
    [*FORMULA_STARTS, '"', "'", ";", ",", "\n", "\r\n", "\\.", "\\N", " ", "Ә", "ﷺ", "🇰🇿", "007"]
)


def texts(longest):
    short = st.one_of(st.text(letters, max_size=longest), st.lists(spiky, max_size=6).map("".join))
    return short.filter(lambda text: len(text) <= longest)


@given(
    slug=texts(80), name=texts(200), handle=texts(255), source=texts(60), locator=texts(1000), note=texts(2000)
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_from_the_plain_file_and_is_safe_in_the_preset(
    transactional_db, slug, name, handle, source, locator, note
):
    if not Snapshot.objects.exists():
        make_snapshot(make_account(), "2022", 1)
    Actor.objects.update(slug=slug, name_en=name)
    Account.objects.update(handle=handle)
    Source.objects.update(key=source)
    Snapshot.objects.update(locator=locator, note=note)
    written = {
        "actor_slug": slug, "actor_name": name, "handle": handle, "source": source, "locator": locator, "note": note
    }  # fmt: skip
    (plain,) = table(body("snapshots.csv"))
    assert {key: plain[key] for key in written} == written
    (excel,) = table(body("snapshots.csv?preset=excel"), ";")
    assert not [cell for cell in excel.values() if cell.startswith(FORMULA_STARTS)]
    assert {key: excel[key] for key in written} == {
        key: text if stays_text(text) else f"'{text}" for key, text in written.items()
    }


LIKE_A_NUMBER = [
    "1e5",
    "007",
    "12",
    "1,5",
    "1.5",
    "1-2",
    "1/2",
    "01.02.2020",
    "2020-01-01",
    "12:30",
    "50%",
    "5 мая",
    "MAR1",
]
LIKE_A_NUMBER += ["jan-5", "янв.21", "TRUE", "ложь", " 7", "1E5", "1 000"]
PLAIN_TEXT = ["1e5x", "abenov", "7days", "mars", "may", "1tv.kz", "e5", "decor8ed", "Ә", "v1.2"]


@pytest.mark.parametrize("handle", [*LIKE_A_NUMBER, *PLAIN_TEXT])
def test_a_text_that_looks_like_a_number_or_a_date_stays_text(handle):
    make_snapshot(make_account("a", handle=handle), "2022", 1)
    kept = f"'{handle}" if handle in LIKE_A_NUMBER else handle
    for file in ("snapshots.csv?preset=excel", "trend.csv?preset=excel&to=2022"):
        (row,) = table(body(file), ";")
        assert (row["handle"], row["day"], row["followers"]) == (kept, "2022-01-01", "1"), file
