"""Unknown names that a person calls new: seen first, made with the batch as drafts, gone with its undoing."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.intake import imports
from apps.intake.answers import NEW, Answers
from apps.intake.models import Addition
from apps.registry.models import Account, Actor
from apps.snapshots.models import Snapshot
from tests.builders import make_account, make_snapshot, make_source
from tests.intake import ways

pytestmark = pytest.mark.django_db
WINDS, ROADS = "Министерство ветров", "Комитет дорог"
TABLE = (
    f"Участник;Соцсеть;Ссылка;2018;2019\n{WINDS};Facebook;https://www.facebook.com/vetry.kz;1 200;1 300\n"
    f"{WINDS};VK;;400;\n{ROADS};Facebook;;70;80\n"
)


@pytest.fixture(autouse=True)
def world(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)
    make_source("brought")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize("way", ways.WAYS)
def test_new_actors_are_made_with_the_batch_by_every_way(way, path, tmp_path):
    answers = Answers(aliases={WINDS: NEW, ROADS: None})
    looked = ways.counts(way, path, answers, tmp_path, write=False)
    assert looked.verdicts([2, 3]) == {"new"}
    assert not Actor.objects.exists()
    ways.counts(way, path, answers, tmp_path, write=True)
    actor = Actor.objects.get()
    assert (actor.name_ru, actor.is_draft, actor.hidden) == (WINDS, True, True)
    assert set(Account.objects.values_list("platform", "handle")) == {("facebook", "vetry.kz"), ("vk", "")}
    assert sorted(Snapshot.objects.values_list("followers", flat=True)) == [400, 1200, 1300]


def bring(path, by=None):
    with path.open("rb") as file:
        batch = imports.receive(file, path.name, source=make_source("brought"), by=by)
    return imports.check(batch, answers=Answers(aliases={WINDS: NEW, ROADS: NEW}))


def test_undoing_takes_them_back_but_not_what_is_recorded_since(path):
    batch = imports.write(bring(path))
    roads = Account.objects.get(actor__name_ru=ROADS)
    make_snapshot(roads, "2020-01-01", 90, recorded_at=timezone.now())
    imports.undo(batch, by=ways.editor())
    assert list(Actor.objects.values_list("name_ru", flat=True)) == [ROADS]
    assert list(Snapshot.objects.values_list("followers", flat=True)) == [90]
    assert Addition.objects.get().undone_at


def test_an_address_that_was_tracked_meanwhile_makes_nothing(path):
    batch = bring(path)
    make_account("winds", "facebook", "vetry.kz")
    with pytest.raises(imports.ImportRefused, match="just now"):
        imports.write(batch)
    assert not Snapshot.objects.exists()
    assert Actor.objects.count() == 1


def test_who_may_not_add_actors_makes_none(path, django_user_model):
    user = django_user_model.objects.create_user("importer")
    user.user_permissions.set(Permission.objects.filter(codename="add_importbatch"))
    batch = bring(path, by=user)
    with pytest.raises(imports.ImportRefused, match="editors"):
        imports.write(batch, by=user)
    assert not Actor.objects.exists()


FILLED = (
    "Участник;Соцсеть;Дата;Подписчики\nabenov;Facebook;01.03.2018;39600\n;;02.03.2018;39610\n"
    "roads;VK;01.03.2018;70\n;;02.03.2018;71\n"
)


@pytest.mark.parametrize("way", ways.WAYS)
def test_empty_cells_under_a_name_speak_for_it_only_when_a_person_says_so(way, tmp_path):
    accounts = [make_account("abenov", "facebook", "murat"), make_account("roads", "vk", "roads_kz")]
    path = tmp_path / "filled.csv"
    path.write_text(FILLED, encoding="utf-8")
    looked = ways.counts(way, path, Answers(), tmp_path, write=False)
    assert "fill" in looked.asked
    assert looked.verdicts([3, 5]) == {"asked"}
    left = ways.counts(way, path, Answers(fill="leave"), tmp_path, write=False)
    assert left.verdicts([3, 5]) == {"error"}
    ways.counts(way, path, Answers(fill="down"), tmp_path, write=True)
    rows = Snapshot.objects.order_by("account", "day").values_list("account", "followers")
    assert list(rows) == [
        (accounts[0].pk, 39600),
        (accounts[0].pk, 39610),
        (accounts[1].pk, 70),
        (accounts[1].pk, 71),
    ]
