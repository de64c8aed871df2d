"""Tables by the API: looked at first, answered, written, undone; each batch is its sender's alone."""

import base64
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.api import tokens
from apps.api.models import Scope
from apps.snapshots.models import Snapshot
from tests.api.conftest import V1
from tests.builders import make_account, make_source

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parents[1] / "intake" / "files"
TABLE = "Участник;Соцсеть;янв 18;фев 18\nabenov;Фейсбук;39,6 тыс.;39 900\nМинтруда;Фейсбук;5;6\n"


@pytest.fixture(autouse=True)
def world(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    make_source("study")
    make_account("abenov", "facebook", "murat")


@pytest.fixture
def importer(django_user_model):
    user = django_user_model.objects.create_user("importer")
    codenames = ("add_snapshot", "add_importbatch")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def send(importer):
    key = tokens.make(importer, "office", [Scope.WRITE_SNAPSHOTS], None)[1]

    def send(status=200, key=key, **body):
        answer = Client().post(
            V1 + "imports/",
            json.dumps(body),
            content_type="application/json",
            headers={"authorization": f"Bearer {key}"},
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    return send


def test_look_answer_write_undo(send):
    first = send(table=TABLE, source="study")
    assert first["stage"] == "checked"
    assert [(column["name"], column["role"]) for column in first["sheets"][0]["columns"]] == [
        ("Участник", "actor"), ("Соцсеть", "platform"), ("янв 18", "followers"), ("фев 18", "followers"),
    ]  # fmt: skip
    assert {(asked["kind"], asked["value"]) for asked in first["questions"]} == {
        ("short_years", ""),
        ("actor", "Минтруда"),
    }
    assert not Snapshot.objects.exists()

    answers = {"short_years": "20yy", "aliases": {"Минтруда": None}}
    second = send(batch=first["batch"], answers=answers)
    assert (second["questions"], second["counts"]) == ([], {"new": 2, "left": 2})
    assert not Snapshot.objects.exists()
    written = send(batch=first["batch"], do="write")
    assert written["stage"] == "written"
    assert list(Snapshot.objects.values_list("followers", "precision").order_by("day")) == [
        (39600, "abbrev"),
        (39900, "printed"),
    ]
    assert [row["day"] for row in written["rows"] if row["verdict"] == "new"] == ["2018-01", "2018-02"]
    send(batch=first["batch"], do="undo")
    assert not Snapshot.objects.exists()


def test_a_workbook_comes_as_base64(send):
    content = (FILES / "23_hidden_sheet_first.xlsx").read_bytes()
    answer = send(file=base64.b64encode(content).decode(), name="a.xlsx", source="study")
    assert [(sheet["name"], sheet["state"]) for sheet in answer["sheets"]] == [
        ("черновик", "hidden"), ("Итог", "visible"), ("параметры", "veryhidden"),
    ]  # fmt: skip
    assert 99999 not in [row["followers"] for row in answer["rows"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "source"),
        ({"table": "a,b\n1,2\n"}, "source"),
        ({"table": "", "source": "study"}, "table"),
        ({"file": "***", "source": "study"}, "file"),
        ({"file": "UEsDBA==", "source": "study"}, "file"),
        ({"table": TABLE, "source": "study", "answers": {"day_order": "ymd"}}, "answers"),
        ({"table": TABLE, "source": "study", "answers": [1]}, "answers"),
        ({"table": TABLE, "source": "study", "do": "write"}, "batch"),
        ({"batch": "nobody"}, "batch"),
        ({"table": TABLE, "source": "study", "extra": 1}, "extra"),
    ],
)
def test_what_cannot_be_used_is_named(send, body, field):
    assert field in send(400, **body)["error"]["fields"]
    assert not Snapshot.objects.exists()


def test_another_ones_batch_is_not_there(send, importer, django_user_model):
    batch = send(table=TABLE, source="study")["batch"]
    other = django_user_model.objects.create_superuser("other")
    key = tokens.make(other, "elsewhere", [Scope.WRITE_SNAPSHOTS], None)[1]
    assert "batch" in send(400, key=key, batch=batch, do="write")["error"]["fields"]


def test_a_token_that_may_only_read_is_turned_away(send, importer):
    key = tokens.make(importer, "reader", [Scope.READ], None)[1]
    send(403, key=key, table=TABLE, source="study")
