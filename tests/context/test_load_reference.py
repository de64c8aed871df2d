"""manage.py load_reference: what it loads, what it leaves alone, what it says of mistakes."""

import csv
import os
import re
import shutil
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.collecting.models import Collection
from apps.collecting.services import add_account
from apps.collectors.types import Target
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.context.reference import DIRECTORY, FILES
from apps.context.services import is_loaded, load_reference
from apps.registry.models import Account, Actor, Group, HandleChange, OldSlug, Source
from apps.snapshots import recording
from apps.snapshots.models import Snapshot, Span
from apps.users.models import User
from tests.builders import make_account, make_source
from tests.reference import DATA_APPS, load

PROBLEM = re.compile(r"(\w+\.csv):(\d+):([\w ]+): \S.*")


@pytest.fixture
def files(tmp_path):
    """Provide a copy of the dataset that a test may damage."""
    return Path(shutil.copytree(DIRECTORY, tmp_path / "data"))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(rows)


def set_cell(directory, name, line, column, value):
    """Write one cell; lines count from 1, the header's, as no cell of the dataset runs over several lines."""
    rows = rows_of(directory / name)
    rows[line - 1][rows[0].index(column)] = value
    write(directory / name, rows)


def append(directory, name, *rows):
    """Add rows; the columns that stand last and are not given stay empty."""
    before = rows_of(directory / name)
    width = len(before[0])
    write(directory / name, [*before, *([*row, *[""] * (width - len(row))] for row in rows)])


def run(directory=DIRECTORY):
    out = StringIO()
    call_command("load_reference", str(directory), stdout=out)
    return out.getvalue()


def mistakes(directory):
    """Return what the command prints of a directory with mistakes, line by line."""
    err = StringIO()
    with pytest.raises(CommandError, match=r"^\d+ mistakes?; nothing was written\.$") as raised:
        call_command("load_reference", str(directory), stderr=err)
    assert raised.value.returncode == 1
    return err.getvalue().splitlines()


def everything():
    """Return every row of every table of ours."""
    ours = [model for app in DATA_APPS for model in apps.get_app_config(app).get_models()]
    tables = {model._meta.label: list(model.objects.order_by("pk").values()) for model in ours}
    tables["members"] = list(Group.members.through.objects.order_by("pk").values())
    return tables


# What is loaded


@pytest.mark.django_db
def test_counts():
    run()
    counts = {model: model.objects.count() for model in (Actor, Account, Snapshot, Source)}
    assert counts == {Actor: 61, Account: 51, Snapshot: 47, Source: 80}
    assert (Indicator.objects.count(), IndicatorValue.objects.count()) == (17, 170)
    assert (Event.objects.count(), Group.objects.count(), Claim.objects.count()) == (20, 3, 4)


@pytest.mark.django_db
def test_a_start_loads_what_it_has_not_loaded_yet(files):
    assert not is_loaded(files)
    load_reference(files)
    assert is_loaded(files)
    (files / "sources.csv").write_text((files / "sources.csv").read_text() + "\n")
    assert not is_loaded(files)


@pytest.mark.django_db
def test_every_row_of_the_files_is_loaded():
    loaded = load_reference()
    lines = {name: len(rows_of(DIRECTORY / name)) - 1 for name in FILES}
    new = {name: tally.new for name, tally in loaded.tallies.items()}
    assert new.pop("Indicators") == 17
    assert sorted(new.values()) == sorted(lines.values())
    assert not loaded.kept
    assert not loaded.conflicts


@pytest.mark.django_db
def test_table_2():
    load()
    group = Group.objects.get(slug="abenov-vs-agencies")
    assert group.reference.slug == "abenov"
    assert group.members.count() == 6
    numbers = {
        actor.slug: tuple(
            Snapshot.objects.filter(account__actor=actor, account__platform="facebook", locator="Table 2")
            .order_by("day")
            .values_list("day", "span", "state", "followers")
        )
        for actor in group.members.all()
    }
    before, after = date(2017, 1, 1), date(2022, 1, 1)
    counted = {
        "abenov": (39000, 64000),
        "president-press-office": (31000, 76000),
        "prime-minister-website": (18600, 55000),
        "prosecutor-general": (11700, 23000),
        "ministry-labor": (570, 10000),
    }
    expected = {
        slug: ((before, Span.YEAR, "counted", old), (after, Span.YEAR, "counted", new))
        for slug, (old, new) in counted.items()
    }
    expected["ministry-defense"] = (
        (before, Span.YEAR, "counted", 9600),
        (after, Span.YEAR, "absent", None),
    )
    assert numbers == expected


@pytest.mark.django_db
def test_every_snapshot_has_its_source_and_locator_and_is_printed():
    load()
    for snapshot in Snapshot.objects.all():
        assert snapshot.source_id
        assert snapshot.locator
        assert (snapshot.precision, snapshot.observed_at) == ("printed", None)


@pytest.mark.django_db
def test_wording_and_bounds_are_kept():
    load()
    abenov = Snapshot.objects.get(
        account__actor__slug="abenov", account__platform="facebook", day="2022-01-01"
    )
    assert (abenov.bound, abenov.note) == ("=", "Section 4.1 prints: about 64 thousand")
    page = Snapshot.objects.get(account__handle="Qaznews24", day="2025-02-04")
    assert (page.bound, page.followers, page.span) == (">", 67000, Span.DAY)
    assert page.note == "more than 67,000; publication date"
    month = Snapshot.objects.get(account__handle="Qaznews24", span=Span.MONTH)
    assert month.day == date(2021, 4, 1)
    gone = Snapshot.objects.get(account__actor__slug="ministry-defense", state="absent")
    assert (gone.bound, gone.followers) == ("=", None)


@pytest.mark.django_db
def test_notes_on_actors_are_kept():
    load()
    assert "chairman of the Consumer Rights Protection Coalition" in Actor.objects.get(slug="abenov").note


@pytest.mark.django_db
def test_succession():
    load()
    assert Actor.objects.get(slug="ministry-education").succeeds.slug == "ministry-education-science"


@pytest.mark.django_db
def test_events_have_spans():
    load()
    stage = Event.objects.get(key="stage-2")
    assert (stage.starts, stage.starts_span) == (date(1998, 1, 1), Span.YEAR)
    assert (stage.ends, stage.ends_span) == (date(1999, 1, 1), Span.YEAR)
    assert Event.objects.get(key="stage-5").ends is None
    assert Event.objects.get(key="infrastructure-programme").starts_span == Span.MONTH
    assert Event.objects.get(key="kz-domain").starts == date(1994, 9, 19)


@pytest.mark.django_db
def test_claims():
    load()
    claim = Claim.objects.get(actor__slug="ablyazov", comparator__slug="nur-otan", platform="youtube")
    assert (claim.relation, claim.times, claim.day) == ("times", Decimal(138), None)
    assert set(Claim.objects.filter(platform="instagram").values_list("times", flat=True)) == {None}


@pytest.mark.django_db
def test_labels_in_three_languages():
    load()
    assert not Indicator.objects.filter(label_kk="").exists()
    assert not Indicator.objects.filter(label_ru="").exists()
    assert Indicator.objects.get(key="internet_users").label("kk") == "Интернет пайдаланушылары"


@pytest.mark.django_db
def test_several_accounts_of_an_actor_on_one_platform():
    load()
    handles = Account.objects.filter(platform="x").values_list("actor__slug", "handle")
    assert {("ortcom", "ortcomkz"), ("ortcom", "ortcomkzE"), ("massimov", "KarimMassimov")} <= set(handles)


@pytest.mark.django_db
def test_accounts_without_a_handle_are_kept_and_not_collected():
    out = run()
    missing = Account.objects.without_address()
    assert missing.count() == 40
    assert "40 accounts have no address yet and are not collected." in out
    assert not Collection.objects.filter(account__in=missing).exists()
    assert Collection.objects.filter(account__handle="elmedia_kz").exists()


# Loading again


@pytest.mark.django_db
def test_a_second_load_changes_nothing():
    load()
    before = everything()
    out = run()
    assert everything() == before
    assert "Actors: 0 new, 61 the same, 0 kept." in out
    assert "Snapshots: 0 new, 47 the same, 0 kept." in out


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(files, django_assert_max_num_queries):
    with django_assert_max_num_queries(85):
        load_reference()
    with django_assert_max_num_queries(85):
        load_reference()


@pytest.mark.django_db
def test_what_an_editor_changed_survives():
    load()
    Actor.objects.filter(slug="abenov").update(name_en="Murat Q. Abenov")
    Event.objects.filter(key="stage-1").update(title_en="Edited")
    Indicator.objects.filter(key="population").update(label_kk="Edited")
    group = Group.objects.get(slug="parties")
    group.members.remove(Actor.objects.get(slug="alga"))
    before = everything()
    out = run()
    assert everything() == before
    assert "Actors: 0 new, 60 the same, 1 kept." in out
    assert "actors.csv:2: kept as it stands here, which differs from the file in: name_en." in out
    assert "Groups: 0 new, 2 the same, 1 kept." in out
    assert "differs from the file in: members." in out


@pytest.mark.django_db
def test_a_corrected_snapshot_survives():
    load()
    snapshot = Snapshot.objects.get(
        account__actor__slug="abenov", account__platform="facebook", day="2022-01-01"
    )
    editor = User.objects.create_user("editor")
    recording.correct(
        snapshot,
        state="counted",
        followers=64100,
        bound="=",
        precision="exact",
        reason="Seen in the archive",
        by=editor,
    )
    before = everything()
    out = run()
    assert everything() == before
    assert "snapshots.csv:3: kept as an editor set it: 64,100. The file says 64,000 (koshkenov2022)." in out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "lookup", "change"),
    [
        (Event, {"key": "stage-1"}, {"key": "stage-one"}),
        (IndicatorValue, {"indicator__key": "people_offline"}, {"day": date(2022, 2, 1)}),
        (Group, {"slug": "parties"}, {"slug": "all-parties"}),
        (Claim, {"times": 138}, {"platform": "instagram", "relation": "times"}),
        (Account, {"handle": "AkordaPress"}, {"handle": "KZPresident"}),
        (Actor, {"slug": "boreiko"}, {"slug": "vadim-boreiko"}),
    ],
)
def test_a_key_that_an_editor_changed_makes_no_second_row(model, lookup, change):
    load()
    model.objects.filter(pk=model.objects.get(**lookup).pk).update(**change)
    before = everything()
    run()
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (Event, {"key": "stage-1"}),
        (IndicatorValue, {"indicator__key": "people_offline"}),
        (Group, {"slug": "parties"}),
        (Claim, {"times": 138}),
    ],
)
def test_what_an_editor_deleted_does_not_come_back(model, lookup):
    load()
    model.objects.get(**lookup).delete()
    before = everything()
    out = run()
    assert everything() == before
    assert "deleted here, and not added again." in out


@pytest.mark.django_db
def test_a_deleted_indicator_does_not_come_back_with_its_values():
    load()
    IndicatorValue.objects.filter(indicator__key="news_use").delete()
    Indicator.objects.get(key="news_use").delete()
    before = everything()
    out = run()
    assert everything() == before
    assert "Indicator values: 0 new, 164 the same, 6 kept." in out


@pytest.mark.django_db
def test_an_actor_made_by_hand_and_renamed_is_found_through_its_old_slug():
    actor = Actor.objects.create(slug="murat-abenov", kind="blogger", name_en="A", name_ru="A", name_kk="A")
    OldSlug.objects.create(slug="abenov", actor=actor)
    run()
    assert Actor.objects.count() == 61
    assert Actor.objects.get(slug="murat-abenov").accounts.count() == 3
    assert Group.objects.get(slug="abenov-vs-agencies").reference == actor


# Accounts


@pytest.mark.django_db
def test_a_handle_filled_in_by_an_editor_does_not_double_the_account():
    load()
    account = Account.objects.get(actor__slug="abenov", platform="facebook")
    target = Target("facebook", "murat.abenov")
    assert add_account(account.actor, target) == account  # the desk's way: the missing address is filled in
    make_account(account.actor, "facebook", "abenov.second")  # and a second one, added by an editor
    before = everything()
    out = run()
    assert everything() == before
    assert "accounts.csv:2: kept as it stands here, which differs from the file in: handle." in out


@pytest.mark.django_db
@pytest.mark.parametrize("handle", ["", "by.hand"])
def test_an_account_made_by_hand_before_the_first_load_is_not_doubled(handle):
    source = make_source()
    actor = Actor.objects.create(
        slug="abenov", kind="blogger", name_en="A", name_ru="A", name_kk="A", source=source
    )
    account = make_account(actor, "facebook", handle)
    run()
    assert Account.objects.filter(actor=actor, platform="facebook").get() == account
    assert account.snapshots.count() == 2


@pytest.mark.django_db
def test_a_renamed_account_made_by_hand_is_found_through_its_old_handle():
    actor = Actor.objects.create(slug="ortcom", kind="state_body", name_en="A", name_ru="A", name_kk="A")
    account = make_account(actor, "x", "ortcom_new")
    HandleChange.objects.create(account=account, old="OrtcomKZ", new="ortcom_new", noticed_at=timezone.now())
    run()
    assert {found.handle for found in actor.accounts.all()} == {"ortcom_new", "ortcomkzE"}


@pytest.mark.django_db
def test_a_handle_is_compared_without_case():
    actor = Actor.objects.create(slug="ortcom", kind="state_body", name_en="A", name_ru="A", name_kk="A")
    make_account(actor, "x", "ORTCOMKZ")
    run()
    assert {found.handle for found in actor.accounts.all()} == {"ORTCOMKZ", "ortcomkzE"}


@pytest.mark.django_db
def test_a_handle_that_another_actor_has_is_said_and_kept():
    account = make_account("somebody", "x", "akordapress")
    out = run()
    account.refresh_from_db()
    assert account.actor.slug == "somebody"
    assert re.search(r"accounts\.csv:24: kept .* in: handle, note, actor, source\.", out)


@pytest.mark.django_db
def test_of_several_accounts_made_by_hand_the_oldest_is_meant():
    actor = Actor.objects.create(slug="abenov", kind="blogger", name_en="A", name_ru="A", name_kk="A")
    oldest = make_account(actor, "facebook", "first")
    make_account(actor, "facebook", "second")
    run()
    assert actor.accounts.filter(platform="facebook").count() == 2
    assert oldest.snapshots.count() == 2


@pytest.mark.django_db
def test_a_row_without_a_handle_does_not_take_an_account_that_another_row_names(files):
    actor = Actor.objects.create(slug="ortcom", kind="state_body", name_en="A", name_ru="A", name_kk="A")
    make_account(actor, "x", "ortcomkz")
    append(files, "accounts.csv", ["ortcom", "x", "", "", "twiplomacy2015", "A third feed"])
    run(files)
    assert sorted(found.handle for found in actor.accounts.all()) == ["", "ortcomkz", "ortcomkzE"]


@pytest.mark.django_db
def test_two_rows_may_mean_one_account_where_a_handle_changed_hands(files):
    actor = Actor.objects.create(slug="massimov", kind="official", name_en="A", name_ru="A", name_kk="A")
    account = make_account(actor, "x", "ortcomkz")  # the file gives this handle to another actor
    HandleChange.objects.create(
        account=account, old="KarimMassimov", new="ortcomkz", noticed_at=timezone.now()
    )
    out = run(files)
    assert actor.accounts.count() == 2
    assert re.search(r"accounts\.csv:25: kept .* in: note, actor, source\.", out)


@pytest.mark.django_db
def test_a_new_account_beside_an_editors_one_takes_no_snapshots_from_it():
    load()
    actor = Actor.objects.get(slug="ministry-labor")
    make_account(actor, "facebook", "second.page")
    before = everything()
    run()
    assert everything() == before


# Two sources


@pytest.mark.django_db
def test_two_sources_that_disagree_are_both_said_and_the_first_is_kept(files):
    append(
        files,
        "snapshots.csv",
        ["abenov", "facebook", "2022", "counted", ">", "65000", "kaliyev2024", "p. 1", "more than 65,000"],
    )
    sentence = (
        "snapshots.csv:49 says > 65,000 (kaliyev2024), snapshots.csv:3 says 64,000 (koshkenov2022) "
        "of the same account and date: the first one, snapshots.csv:3, is kept."
    )
    for _time in range(2):
        assert sentence in run(files)
        kept = Snapshot.objects.get(
            account__actor__slug="abenov", account__platform="facebook", day="2022-01-01"
        )
        assert (kept.followers, kept.source.key) == (64000, "koshkenov2022")


@pytest.mark.django_db
def test_the_same_number_of_another_source_is_the_same(files):
    append(
        files,
        "snapshots.csv",
        ["abenov", "facebook", "2022", "counted", "=", "64000", "kaliyev2024", "p. 1", ""],
    )
    out = run(files)
    assert "Snapshots: 47 new, 1 the same, 0 kept." in out
    assert "says" not in out


@pytest.mark.django_db
def test_a_source_that_disagrees_with_what_is_recorded(tmp_path):
    load()
    directory = tmp_path / "later"
    directory.mkdir()
    write(
        directory / "snapshots.csv",
        [
            rows_of(DIRECTORY / "snapshots.csv")[0],
            ["abenov", "facebook", "2022", "counted", "=", "1", "kaliyev2024", "p. 1", "", ""],
        ],
    )
    assert (
        "snapshots.csv:2 says 1 (kaliyev2024), what is recorded says 64,000 (koshkenov2022) "
        "of the same account and date: what is recorded is kept."
    ) in run(directory)


# Another directory


@pytest.mark.django_db
def test_another_directory_may_hold_some_of_the_files(tmp_path):
    load()
    write(
        tmp_path / "sources.csv",
        [
            rows_of(DIRECTORY / "sources.csv")[0][:-1],  # without the licence, which is optional
            ["mine2026", "report", "Mine", "", "2026", "", "", ""],
        ],
    )
    write(
        tmp_path / "snapshots.csv",
        [
            [*rows_of(DIRECTORY / "snapshots.csv")[0], "handle"],
            ["ortcom", "x", "2015-04-01", "counted", "=", "1234", "mine2026", "p. 1", "", "", "OrtcomKZE"],
        ],
    )
    (tmp_path / "snapshot.csv").write_text("a slip of the hand")
    out = run(tmp_path)
    assert Snapshot.objects.get(source__key="mine2026").account.handle == "ortcomkzE"
    assert "Sources: 1 new, 0 the same, 0 kept." in out
    assert "Not part of a dataset, and not read: snapshot.csv." in out


@pytest.mark.django_db
def test_another_directory_may_name_an_actor_by_its_old_slug(tmp_path):
    load()
    actor = Actor.objects.get(slug="ministry-labor")
    Actor.objects.filter(pk=actor.pk).update(slug="ministry-of-labour")
    OldSlug.objects.create(slug="ministry-labor", actor=actor)
    write(
        tmp_path / "snapshots.csv",
        [
            rows_of(DIRECTORY / "snapshots.csv")[0],
            ["ministry-labor", "facebook", "2023", "counted", "=", "11000", "koshkenov2022", "p. 1", "", ""],
        ],
    )
    assert "Snapshots: 1 new, 0 the same, 0 kept." in run(tmp_path)


@pytest.mark.django_db
def test_a_column_that_another_directory_lacks_says_nothing(files):
    load()
    rows = rows_of(files / "indicators.csv")
    dropped = rows[0].index("label_kk")
    write(files / "indicators.csv", [[*row[:dropped], *row[dropped + 1 :]] for row in rows])
    assert "Indicators: 0 new, 17 the same, 0 kept." in run(files)


@pytest.mark.django_db
def test_a_directory_without_the_files_is_refused(tmp_path):
    assert mistakes(tmp_path)[0].endswith(
        ":1:row: None of the dataset's files is here: " + ", ".join(FILES) + "."
    )


# Mistakes

BAD_CELLS = [
    ("sources.csv", 2, "key", "", "This must not be empty."),
    ("sources.csv", 2, "key", "with space", "Enter a valid “slug”"),
    ("sources.csv", 2, "kind", "rumour", "“rumour” is not known; known are: api, page"),
    ("sources.csv", 2, "year", "MMXXII", "“MMXXII” is not a whole number"),
    ("sources.csv", 2, "url", "not an address", "Enter a valid URL."),
    ("actors.csv", 2, "kind", "person", "“person” is not known"),
    ("actors.csv", 3, "name_kk", "", "This must not be empty."),
    ("actors.csv", 3, "name_kk", "x" * 201, "Ensure this value has at most 200 characters"),
    ("actors.csv", 3, "name_kk", "a\x00b", "This holds a character that is not text."),
    ("actors.csv", 3, "key", "abenov", "This stands already in actors.csv:2."),
    ("actors.csv", 3, "source", "nobody2020", "There is no source with the key “nobody2020”."),
    ("actors.csv", 3, "succeeds", "nobody", "There is no actor with the key “nobody”."),
    ("actors.csv", 8, "succeeds", "ministry-education", "An actor cannot succeed itself"),
    ("accounts.csv", 2, "actor", "nobody", "There is no actor with the key “nobody”."),
    ("accounts.csv", 2, "platform", "myspace", "“myspace” is not known; known are: facebook, instagram"),
    (
        "accounts.csv",
        2,
        "handle",
        "ENBEKGOVKZ",
        "accounts.csv:9:handle: This stands already in accounts.csv:2.",
    ),
    ("accounts.csv", 9, "handle", "@enbekgovkz", "This is not a handle"),
    ("accounts.csv", 9, "handle", "other", "accounts.csv:9:url: The address does not end in the handle."),
    ("accounts.csv", 25, "handle", "akordapress", "This stands already in accounts.csv:24."),
    ("accounts.csv", 3, "platform", "facebook", "This stands already in accounts.csv:2."),
    ("accounts.csv", 9, "url", "ftp://www.facebook.com/enbekgovkz", "Enter a valid URL."),
    ("accounts.csv", 9, "url", "https://www.facebook.com/akorda", "The address does not end in the handle."),
    ("snapshots.csv", 2, "actor", "nobody", "There is no actor with the key “nobody”."),
    ("snapshots.csv", 2, "platform", "telegram", "The actor has no such account; add it to accounts.csv."),
    ("snapshots.csv", 2, "observed", "", "This must not be empty."),
    ("snapshots.csv", 2, "observed", "17.06.2017", "“17.06.2017” is not a date; write 2017, 2017-06 or"),
    ("snapshots.csv", 2, "observed", "2017-13", "is not a date"),
    ("snapshots.csv", 2, "observed", "2017-02-29", "is not a date"),
    ("snapshots.csv", 2, "observed", "0217", "is not a date"),
    (
        "snapshots.csv",
        2,
        "observed",
        "2022",
        "snapshots.csv:3:observed: The same source speaks of this account",
    ),
    ("snapshots.csv", 2, "observed", "2099", "This day is yet to come."),
    ("snapshots.csv", 2, "state", "there", "“there” is not known; known are: counted, hidden"),
    ("snapshots.csv", 2, "bound", "more than", "“more than” is not known; known are: =, >, <, ~."),
    ("snapshots.csv", 4, "bound", ">", "snapshots.csv:4:note: Write the source's own wording here"),
    ("snapshots.csv", 11, "bound", ">", "Only a row whose state is “counted” has a bound."),
    ("snapshots.csv", 11, "followers", "5", "Only a row whose state is “counted” has a number."),
    ("snapshots.csv", 2, "followers", "", "This must not be empty."),
    ("snapshots.csv", 2, "followers", "39 thousand", "“39 thousand” is not a whole number"),
    ("snapshots.csv", 2, "followers", "-1", "“-1” is not a whole number"),
    ("snapshots.csv", 2, "followers", "9" * 20, "Ensure this value is less than or equal to"),
    ("snapshots.csv", 2, "followers", "9" * 5000, "…” is not a whole number"),
    ("snapshots.csv", 2, "source", "", "This must not be empty."),
    ("indicators.csv", 2, "label_en", "", "This must not be empty."),
    ("indicators.csv", 8, "unit", "percent", "This indicator is described otherwise in indicators.csv:6."),
    ("indicators.csv", 2, "observed", "soon", "“soon” is not a date"),
    ("indicators.csv", 2, "value", "7,98", "“7,98” is not a number; write digits and a point: 85.9."),
    ("indicators.csv", 2, "value", "0.123456789", "Ensure that there are no more than 8 decimal places."),
    ("indicators.csv", 2, "platform", "myspace", "“myspace” is not known"),
    ("indicators.csv", 2, "source", "nobody2020", "There is no source with the key “nobody2020”."),
    ("events.csv", 2, "starts", "", "This must not be empty."),
    ("events.csv", 6, "ends", "1990", "This is before the start."),
    ("events.csv", 3, "key", "kz-domain", "This stands already in events.csv:2."),
    ("events.csv", 3, "title_kk", "", "This must not be empty."),
    ("groups.csv", 2, "members", "abenov;nobody", "There is no actor with the key “nobody”."),
    ("groups.csv", 2, "members", "abenov;abenov", "An actor is named twice."),
    ("groups.csv", 2, "reference", "base", "The reference actor is not among the members."),
    ("groups.csv", 2, "title_ru", "", "This must not be empty."),
    ("claims.csv", 2, "times", "", "This must not be empty."),
    ("claims.csv", 4, "times", "3", "Only a row whose relation is “times” has a number."),
    ("claims.csv", 2, "comparator", "ablyazov", "An actor is not compared with itself."),
    ("claims.csv", 2, "relation", "double", "“double” is not known; known are: times, more, fewer."),
    (
        "claims.csv",
        3,
        "comparator",
        "nur-otan",
        "claims.csv:3:relation: This stands already in claims.csv:2.",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "line", "column", "value", "sentence"), BAD_CELLS)
def test_a_bad_cell_names_its_place_and_nothing_is_written(files, name, line, column, value, sentence):
    set_cell(files, name, line, column, value)
    said = mistakes(files)
    # The mistake shows in the damaged cell, unless another place is named.
    place, sentence = re.fullmatch(r"(\w+\.csv:\d+:\w+: )?(.*)", sentence).groups()
    place = place or f"{name}:{line}:{column}: "
    assert [text for text in said if text.startswith(place) and sentence in text], said
    assert not any(everything().values())


@pytest.mark.django_db
def test_all_mistakes_are_said_at_once_in_the_order_of_the_files(files):
    set_cell(files, "snapshots.csv", 9, "followers", "many")
    set_cell(files, "snapshots.csv", 3, "followers", "few")
    set_cell(files, "actors.csv", 5, "kind", "person")
    set_cell(files, "claims.csv", 2, "times", "often")
    places = [text.split(": ")[0] for text in mistakes(files)]
    assert places == [
        "actors.csv:5:kind",
        "snapshots.csv:3:followers",
        "snapshots.csv:9:followers",
        "claims.csv:2:times",
    ]


@pytest.mark.django_db
def test_an_ambiguous_account_is_a_mistake(files):
    append(files, "snapshots.csv", ["ortcom", "x", "2015", "counted", "=", "9", "twiplomacy2015", "p. 1", ""])
    assert mistakes(files) == [
        "snapshots.csv:49:platform: The actor has several accounts there; name one in the column handle."
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "key,starts,ends,title_en,title_ru,title_kk,source",
            "events.csv:1:locator: This column is missing.",
        ),
        (
            "key,starts,ends,title_en,title_ru,title_kk,source,locator,colour",
            "events.csv:1:colour: This column is not known; known are: key, starts",
        ),
        (
            "key,starts,ends,title_en,title_ru,title_kk,source,locator,key",
            "events.csv:1:key: This column stands here twice.",
        ),
        ("", "events.csv:1:key: This column is missing."),
    ],
)
def test_a_bad_header(files, header, expected):
    lines = (files / "events.csv").read_text(encoding="utf-8").splitlines()
    (files / "events.csv").write_text("\n".join([header, *lines[1:]] if header else []), encoding="utf-8")
    assert mistakes(files)[0].startswith(expected)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"late,2020", "events.csv:22:row: This line has 2 cells, the header has 9."),
        (b'late,2020,,"a"b,b,c,temirbolat,x', "events.csv:22:row: This is not CSV: "),
        (b'late,2020,,"a', "events.csv:22:row: This is not CSV: "),
        (b"late,2020,,a,\xcf\xf0,c,temirbolat,x,", "events.csv:22:title_ru: This holds a character"),
    ],
)
def test_a_line_that_cannot_be_taken_apart(files, line, expected):
    with (files / "events.csv").open("ab") as file:
        file.write(line + b"\n")
    assert [text for text in mistakes(files) if text.startswith(expected)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sources.csv", "actors.csv", "accounts.csv"])
def test_a_file_that_is_spoilt_does_not_blame_those_that_refer_to_it(files, name):
    (files / name).write_text("note\n", encoding="utf-8")
    assert {text.split(":")[0] for text in mistakes(files)} == {name}


@pytest.mark.django_db
def test_a_byte_order_mark_and_crlf_are_read(files):
    for name in FILES:
        text = (files / name).read_text(encoding="utf-8")
        (files / name).write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    run(files)
    assert Actor.objects.count() == 61


@pytest.mark.django_db
def test_a_mistake_after_a_cell_of_several_lines_names_the_right_line(files):
    set_cell(files, "actors.csv", 2, "note", "one\ntwo\nthree")
    set_cell(files, "actors.csv", 3, "kind", "person")
    assert [text.split(": ")[0] for text in mistakes(files)] == ["actors.csv:5:kind"]


EXAMPLES = int(os.environ.get("REFERENCE_EXAMPLES", "0"))  # 500 for a long run, with other examples each time
CELLS = [
    (name, line, column)
    for name in FILES
    for line, row in enumerate(rows_of(DIRECTORY / name)[1:], 2)
    for column in range(len(row))
]
CELL_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "",
        "0",
        "-1",
        "2017",
        "2017-6",
        "9" * 40,
        "abenov",
        "facebook",
        "x" * 5000,
        "=",
        "İ",
        "\x00",
        "a\nb",
        ";",
    ]
)


@pytest.mark.django_db
@settings(
    max_examples=EXAMPLES or 10,
    deadline=None,
    derandomize=not EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cell=st.sampled_from(CELLS), value=CELL_TEXT)
def test_any_damage_to_a_cell_loads_or_is_named(tmp_path, cell, value):
    name, line, column = cell
    directory = Path(shutil.copytree(DIRECTORY, tmp_path / "data", dirs_exist_ok=True))
    rows = rows_of(directory / name)
    rows[line - 1][column] = value
    write(directory / name, rows)
    with transaction.atomic():
        err = StringIO()
        try:
            call_command("load_reference", str(directory), stdout=StringIO(), stderr=err)
        except CommandError:
            assert not any(everything().values())
            said = err.getvalue().splitlines()
            assert said
            assert all(PROBLEM.fullmatch(text) for text in said), said
        else:
            assert Snapshot.objects.count() >= 44
            again = everything()
            call_command("load_reference", str(directory), stdout=StringIO())
            assert everything() == again
        transaction.set_rollback(True)
