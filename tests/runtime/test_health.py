import pytest
from django.db import OperationalError, connection


@pytest.mark.django_db
def test_well(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_silent_database_is_said(client, monkeypatch):
    def silent():
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "cursor", silent)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"the database does not answer\n")


def test_only_reading(client):
    assert client.post("/healthz").status_code == 405
