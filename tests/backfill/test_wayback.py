"""manage.py backfill wayback against a local Wayback Machine: what is read, what is not, and how politely."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from apps.collectors import patience
from apps.collectors.patience import Patient
from apps.collectors.types import Limited, Unavailable
from apps.intake import imports
from apps.intake.models import ImportBatch
from apps.registry.models import HandleChange, Source
from apps.snapshots import terms
from apps.snapshots.models import Snapshot
from tests.builders import make_account, make_snapshot, make_source
from tests.platforms.world import as_json

pytestmark = pytest.mark.django_db
PAGE = "https://www.facebook.com/examplemin"
CHOSEN = ("wayback", "--actor", "ministry")
EMPTY = "<html></html>"


@pytest.fixture
def account():
    return make_account("ministry", "facebook", "examplemin")


def values():
    return list(Snapshot.objects.values_list("day", "followers"))


def followed(number):
    return f"<html><div>{number} people follow this</div></html>"


def test_nothing_is_written_without_yes(account, keep, run):
    keep(f"{PAGE}/", "20170511093015", "facebook-2017")
    keep(PAGE, "20130203101112", "facebook-2013")
    said = run(*CHOSEN)
    shown = f"https://web.archive.org/web/20170511093015/{PAGE}/"
    assert f"  new       2017-05-11          13,456 exact    {shown}" in said
    assert any(
        "refused   2013-02-03" in line and "web/20130203101112/" in line and "likes are not followers" in line
        for line in said
    )
    assert said[-2:] == [
        "1 account. 1 new, 0 the same, 0 in conflict, 1 refused.",
        "Nothing was written. Add --yes to write the new counts.",
    ]
    assert not Snapshot.objects.exists()
    assert not Source.objects.exists()


def test_a_count_is_written_with_its_evidence(account, keep, run):
    keep(f"{PAGE}/", "20170511201500", "facebook-2017")
    run(*CHOSEN, "--yes")
    made = Snapshot.objects.get()
    # 20:15 in London's winter is after midnight in Almaty, which was six hours ahead of UTC then.
    assert (made.day, made.followers, made.precision) == (date(2017, 5, 12), 13456, "exact")
    assert made.observed_at == datetime(2017, 5, 11, 20, 15, tzinfo=UTC)
    assert made.locator == f"https://web.archive.org/web/20170511201500/{PAGE}/"
    assert made.note == "13,456 people follow this"
    assert (made.source.key, made.source.kind) == ("wayback", "archive")


def test_the_zone_of_the_capture_moves_with_the_law(account, keep, run):
    keep(PAGE, "20240131183000", body=followed("1,000"))  # six hours ahead of UTC
    keep(PAGE, "20240331183000", body=followed("1,001"))  # five
    run(*CHOSEN, "--yes")
    assert values() == [(date(2024, 2, 1), 1000), (date(2024, 3, 31), 1001)]


def test_of_two_captures_of_one_day_the_later_one_counts(account, keep, run):
    keep(PAGE, "20170531200000", body=followed("1,000"))  # in June in Almaty
    keep(PAGE, "20170601030000", body=followed("1,001"))
    run(*CHOSEN, "--yes")
    assert values() == [(date(2017, 6, 1), 1001)]


def test_short_numbers_stay_short(account, keep, run):
    keep(PAGE, "20230203101112", "facebook-2023")
    run(*CHOSEN, "--yes")
    made = Snapshot.objects.get()
    assert (made.followers, made.precision, made.note) == (78_000, "abbrev", "78K followers")


def test_a_second_run_asks_nothing_and_changes_nothing(account, keep, run, world):
    keep(PAGE, "20170511093015", "facebook-2017")
    keep(PAGE, "20170611093015", "facebook-login")
    run(*CHOSEN)
    asked = world.requests["wayback"]
    assert asked == 5  # three addresses of the index, two pages
    assert run(*CHOSEN, "--yes")[-2].startswith("1 account. 1 new")
    before = list(Snapshot.objects.values())
    run(*CHOSEN, "--yes")
    assert world.requests["wayback"] == asked
    assert list(Snapshot.objects.values()) == before


def test_what_was_asked_may_be_lost(account, keep, run, world, tmp_path):
    keep(PAGE, "20170511093015", "facebook-2017")
    run(*CHOSEN, "--yes")
    (journal,) = (tmp_path / "backfill" / "wayback").glob("*.jsonl")
    journal.write_text(journal.read_text()[:40] + '\n{"capture": [1]}\n[]\n"x"\n\x00\n')
    world.requests.clear()
    run(*CHOSEN, "--yes")
    assert world.requests["wayback"] == 3  # the index; what is recorded is not read again
    assert values() == [(date(2017, 5, 11), 13456)]


def test_new_captures_are_asked_for_after_a_month(account, keep, run, world, tmp_path):
    keep(PAGE, "20170511093015", "facebook-2017")
    run(*CHOSEN, "--yes")
    (journal,) = (tmp_path / "backfill" / "wayback").glob("*.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        if "asked" in line:
            line["at"] = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    keep(PAGE, "20170715093015", body=followed("14,000"))
    run(*CHOSEN, "--yes")
    assert values() == [(date(2017, 5, 11), 13456), (date(2017, 7, 15), 14000)]


def test_what_stands_is_never_overwritten(account, keep, run, django_user_model):
    editor = django_user_model.objects.create(username="aigul")
    make_snapshot(account, date(2017, 5, 11), 13000, edited_by=editor)
    make_snapshot(account, date(2018, 5, 11), 15000)
    keep(PAGE, "20170511093015", "facebook-2017")
    keep(PAGE, "20180511093015", body=followed("15,000"))
    said = run(*CHOSEN, "--yes")
    assert any("conflict" in line and "(13,000 of test-source stands and is kept)" in line for line in said)
    assert said[-1] == "1 account. 0 new, 1 the same, 1 in conflict, 0 refused."
    assert values() == [(date(2017, 5, 11), 13000), (date(2018, 5, 11), 15000)]


def test_one_capture_a_month_the_next_address_where_the_first_shows_nothing(account, keep, run, world):
    keep(PAGE, "20170511093015", "facebook-login")
    keep(PAGE, "20170512093015", "facebook-2017")  # of the same month and address: not asked for
    keep("https://m.facebook.com/examplemin", "20170520093015", body=followed("13,500"))
    said = run(*CHOSEN, "--yes")
    assert values() == [(date(2017, 5, 20), 13500)]
    assert said[-2] == "1 account. 1 new, 0 the same, 0 in conflict, 0 refused."


def test_only_the_days_asked_for(account, keep, run):
    for year in (2015, 2016, 2017):
        keep(PAGE, f"{year}0511093015", body=followed(f"{year}"))
    run(*CHOSEN, "--from", "2016", "--to", "2016-05", "--yes")
    assert values() == [(date(2016, 5, 11), 2016)]


def test_an_index_of_many_answers_is_read_to_its_end(account, keep, run, monkeypatch):
    monkeypatch.setattr("apps.collectors.wayback.ROWS", 2)
    for month in range(1, 6):
        keep(PAGE, f"2017{month:02}11093015", body=followed(f"13,00{month}"))
    run(*CHOSEN, "--yes")
    assert [followers for _day, followers in values()] == [13001, 13002, 13003, 13004, 13005]


def test_a_failing_page_of_the_archive_is_left_and_said(account, keep, run, world):
    keep(PAGE, "20170511093015", status="404")
    keep(f"{PAGE}/about", "20180511093015", body=EMPTY, excluded="yes")
    keep(PAGE, "20190511093015", "facebook-2017", content_type="image/png")
    said = run(*CHOSEN)
    assert said[-2] == "1 account. 0 new, 0 the same, 0 in conflict, 2 refused."
    assert any("the archive may not show this page" in line for line in said)


def test_packed_captures_are_unpacked(account, keep, run):
    keep(PAGE, "20170511093015", body=gzip.compress(followed("13,456").encode()))
    keep(PAGE, "20180511093015", body=b"\x1f\x8b\x08broken")
    said = run(*CHOSEN, "--yes")
    assert values() == [(date(2017, 5, 11), 13456)]
    assert any("2018-05-11" in line and "damaged" in line for line in said)


def test_other_pages_in_the_index_are_not_the_accounts(account, run, world):
    rows = [
        ["timestamp", "original", "digest"],
        ["20170511093015", "https://www.facebook.com/other", "A"],
        ["20170611093015", "https://evil.example/examplemin", "B"],
        ["99990611093015", PAGE, "C"],
        ["20171311093015", PAGE, "D"],
        [20170611093015, PAGE, "E"],
        "row",
        ["20170611093015", "file:///etc/passwd", "F"],
    ]
    world.fail("wayback", as_json(rows), always=True)
    assert run(*CHOSEN)[-2] == "1 account. 0 new, 0 the same, 0 in conflict, 0 refused."
    assert world.requests["wayback"] == 3


def test_a_handle_counts_only_while_it_was_the_accounts(account, keep, run):
    noticed = datetime(2018, 6, 1, 12, tzinfo=UTC)
    HandleChange.objects.create(account=account, old="oldmin", new="examplemin", noticed_at=noticed)
    keep(PAGE, "20170511093015", body=followed("1,000"))  # somebody else's then
    keep("https://www.facebook.com/oldmin", "20170611093015", body=followed("12,000"))
    keep("https://www.facebook.com/oldmin", "20190611093015", body=followed("900"))
    keep(PAGE, "20190511093015", body=followed("13,000"))
    run(*CHOSEN, "--yes")
    assert values() == [(date(2017, 6, 11), 12000), (date(2019, 5, 11), 13000)]


def test_a_count_ten_times_off_its_neighbours_waits_for_a_word(account, keep, run):
    for month, number in ((1, "13,000"), (2, "131"), (3, "13,200")):
        keep(PAGE, f"2017{month:02}11093015", body=followed(number))
    said = run(*CHOSEN, "--yes")
    assert [followers for _day, followers in values()] == [13000, 13200]
    assert any("ten times off" in line for line in said)
    run(*CHOSEN, "--yes", "--strange")
    assert [followers for _day, followers in values()] == [13000, 131, 13200]


def test_the_archive_is_told_who_asks(account, keep, run, world):
    keep(PAGE, "20170511093015", "facebook-2017")
    run(*CHOSEN)
    assert {request.headers["user-agent"] for _name, request in world.log} == {
        "KZMedia/0.1.0 (+press@example.kz)"
    }
    index = world.log[0][1]
    assert index.one("collapse") == "timestamp:6"
    assert index.one("filter") == "statuscode:200"
    assert "id_/https://www.facebook.com/" in world.log[-1][1].path


def test_when_the_archive_stops_a_later_run_goes_on(account, keep, run, world):
    for month in range(1, 6):
        keep(PAGE, f"2017{month:02}11093015", body=followed(f"13,00{month}"))
    world.fail("wayback", as_json({"error": "slow down"}, 429, Retry_After="86000"))
    said = run(*CHOSEN, "--yes")
    assert said[-1].startswith("error: The archive does not answer (rate: HTTP 429).")
    assert world.requests["wayback"] == 1
    assert not values()
    assert run(*CHOSEN, "--yes")[-2].startswith("1 account. 5 new")


@pytest.fixture
def out_of_reach(monkeypatch):
    """These captures (how their paths begin) cannot be had."""
    get = Patient.get

    def without(*starts):
        def answered(self, path, *args, **kwargs):
            if path.startswith(starts):
                raise Unavailable("timeout")
            return get(self, path, *args, **kwargs)

        monkeypatch.setattr(Patient, "get", answered if starts else get)

    return without


def test_a_page_that_cannot_be_had_now_costs_no_other(account, keep, run, out_of_reach):
    keep(PAGE, "20170111093015", body=followed("13,001"))
    keep(PAGE, "20170211093015", body=followed("13,002"))
    out_of_reach("/web/201701")
    assert "1 capture could not be had; run it again." in run(*CHOSEN, "--yes")[-2]
    assert [followers for _day, followers in values()] == [13002]
    out_of_reach()
    run(*CHOSEN, "--yes")
    assert [followers for _day, followers in values()] == [13001, 13002]


def test_three_in_a_row_mean_that_the_archive_is_not_there(account, keep, run, out_of_reach):
    for month in range(1, 6):
        keep(PAGE, f"2017{month:02}11093015", body=followed(f"13,00{month}"))
    out_of_reach("/web/201702", "/web/201703", "/web/201704")
    assert run(*CHOSEN, "--yes")[-1].startswith("error: The archive does not answer (timeout)")
    assert not values()


def test_ctrl_c_keeps_what_was_read(account, keep, run, world, monkeypatch):
    for month in range(1, 4):
        keep(PAGE, f"2017{month:02}11093015", body=followed(f"13,00{month}"))
    fetch, fetched = patience.Patient.get, []

    def interrupted(self, path, *args, **kwargs):
        if path.startswith("/web/201703"):
            raise KeyboardInterrupt
        fetched.append(path)
        return fetch(self, path, *args, **kwargs)

    monkeypatch.setattr(patience.Patient, "get", interrupted)
    with pytest.raises(CommandError) as broken:
        call_command("backfill", *CHOSEN, "--yes")
    assert broken.value.returncode == 130
    assert not values()
    monkeypatch.setattr(patience.Patient, "get", fetch)
    world.requests.clear()
    run(*CHOSEN, "--yes")
    assert world.requests["wayback"] == 1  # the one page that is missing
    assert len(values()) == 3


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["wayback"], "Say which accounts"),
        (["wayback", "--actor", "nobody"], "--actor nobody: there is none"),
        (["wayback", "--account", "999999"], "--account 999999: there is none"),
        (["wayback", "--all", "--from", "2016-13"], "2016-13: 2015, 2015-06"),
    ],
)
def test_a_wrong_choice_is_said(account, run, words, problem):
    assert problem in run(*words)[-1]


def test_terms_of_an_api_do_not_reach_the_archive(settings, keep, run):
    settings.YOUTUBE_TERMS = "30d"
    make_account("ministry", "youtube", "examplemin")
    keep("https://www.youtube.com/@examplemin", "20240511093015", "youtube-2024")
    run("wayback", "--platform", "youtube", "--yes")
    made = Snapshot.objects.get()
    assert (made.followers, made.precision) == (15_200, "3sf")
    assert made.source.key not in {*terms.underivable(), *terms.unpublishable()}
    make_source("api-youtube")
    terms.expire()
    assert Snapshot.objects.count() == 1


def test_a_run_is_one_batch_that_can_be_undone(account, keep, run, django_user_model):
    keep(PAGE, "20170511093015", "facebook-2017")
    keep(PAGE, "20180511093015", body=followed("15,000"))
    make_snapshot(account, date(2018, 5, 11), 16000)
    said = run(*CHOSEN, "--yes")
    batch = ImportBatch.objects.get()
    assert said[-1] == f"Written as one batch. The desk can undo it: /admin/import/{batch.pk}/"
    assert batch.counts == {"new": 1, "conflict": 1}
    imports.undo(batch, by=django_user_model.objects.create(username="aigul"))
    assert values() == [(date(2018, 5, 11), 16000)]
    assert batch.undone == {"removed": 1, "restored": 0, "kept": 0}


def test_a_run_that_finds_nothing_new_makes_no_batch(account, keep, run):
    keep(PAGE, "20170511093015", "facebook-2017")
    make_snapshot(account, date(2017, 5, 11), 16000)
    run(*CHOSEN, "--yes")
    assert not ImportBatch.objects.exists()


def test_what_was_whole_before_the_archive_stopped_is_written(account, keep, run, out_of_reach):
    make_account("zzz", "telegram", "later_one")
    keep(PAGE, "20170511093015", "facebook-2017")
    for month in (1, 2, 3):
        keep("https://t.me/later_one", f"2017{month:02}11093015", "telegram-page")
    out_of_reach(*(f"/web/20170{month}11093015id_/https://t.me" for month in (1, 2, 3)))
    said = run("wayback", "--all", "--yes")
    assert said[-1].startswith("error: The archive does not answer")
    assert values() == [(date(2017, 5, 11), 13456)]


# Patience


@pytest.fixture
def patient(server):
    slept = []
    with Patient(server.at("wayback"), "a@b.kz", pause=4.0, sleep=slept.append) as made:
        yield made, slept


def test_requests_keep_their_distance(patient, world):
    archive, slept = patient
    archive.get("/cdx/search/cdx")
    archive.get("/cdx/search/cdx")
    assert len(slept) == 1
    assert 3.5 < slept[0] <= 4.0


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(patient, world, status):
    archive, slept = patient
    world.fail("wayback", as_json({}, status, Retry_After="35"))
    assert archive.get("/cdx/search/cdx").status == 200
    assert 33 < slept[0] <= 35


def test_too_long_a_wait_is_for_another_day(patient, world):
    archive, _slept = patient
    world.fail("wayback", as_json({}, 429, Retry_After="3600"))
    with pytest.raises(Limited):
        archive.get("/cdx/search/cdx")
    assert world.requests["wayback"] == 1


@pytest.mark.parametrize("fault", ["500", "hang_up", "truncated"])
def test_it_gives_up_after_four_tries(patient, world, fault):
    archive, slept = patient
    world.fail("wayback", fault, always=True)
    with pytest.raises(Unavailable):
        archive.get("/cdx/search/cdx")
    assert world.requests["wayback"] == 4
    assert [seconds for seconds in slept if seconds != pytest.approx(4.0, abs=0.5)] == pytest.approx(
        [0.01, 0.03, 0.09]
    )


@pytest.mark.parametrize("size", [6_100_000, 50_000_000])
def test_pages_larger_than_any_are_refused(account, keep, run, size):
    keep(PAGE, "20170511093015", body=gzip.compress(b"<a " * (size // 3), 1))
    said = run(*CHOSEN)
    assert any("the page is too large" in line for line in said)


@pytest.mark.parametrize("fault", ["html", "not_utf8", "deep", "huge_number", "nan", "empty"])
def test_an_index_that_makes_no_sense_stops_the_run(account, run, world, fault):
    world.fail("wayback", fault, always=True)
    assert run(*CHOSEN)[-1].startswith("error: The archive does not answer")
    assert not values()
