"""What those who watch an installation are told: readiness, figures, lines of the log."""

import json
import logging
import re
from pathlib import Path

import pytest
import redis
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver
from prometheus_client.parser import text_string_to_metric_families
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.common.secrecy import Blank
from kzmedia import tasks
from kzmedia.backups.making import Made
from kzmedia.monitoring import logs, metrics, readiness
from kzmedia.monitoring.requests import Watch

TOKEN = {"Authorization": "Bearer of-the-watch"}


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = "of-the-watch"  # noqa: S105  of the test


@pytest.fixture
def working(settings):
    """Provide a broker whose queues are empty, and a worker that has just done its work."""
    readiness.client().delete(*(one.name for one in settings.CELERY_TASK_QUEUES))
    tasks.beat_heart()


@pytest.fixture
def silent_broker(monkeypatch):
    monkeypatch.setattr(readiness, "client", lambda: redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))


def why(client):
    answer = client.get("/readyz", headers=TOKEN)
    told = answer.json()["checks"]
    return answer.status_code, {name: found["why"] for name, found in told.items() if not found["ok"]}


@pytest.mark.django_db
def test_ready(client, working):
    assert why(client) == (200, {})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_reasons_are_for_staff(client, admin_client, silent_broker):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert client.get("/readyz", headers={"Authorization": "Bearer wrong"}).content == b"not ready\n"
    assert admin_client.get("/readyz").json()["checks"]["broker"]["why"] == "the broker does not answer"
    assert set(why(client)[1]) == {"broker", "beat", "queue"}


@pytest.mark.django_db
def test_work_that_is_not_done_is_said(client, settings, working, monkeypatch):
    monkeypatch.setattr(readiness, "BEAT_SECONDS", -1)
    monkeypatch.setattr(readiness, "QUEUED", -1)
    monkeypatch.setattr(readiness, "DISK_FREE", 10**18)
    assert set(why(client)[1]) == {"beat", "queue", "disk"}
    readiness.client().delete(readiness.HEART)
    assert "beat" in why(client)[1]


@pytest.mark.django_db
def test_a_silent_database_is_said(client, working, monkeypatch):
    def silent():
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "cursor", silent)
    assert set(why(client)[1]) == {"database", "recorded", "files"}
    assert client.get("/readyz").content == b"not ready\n"


@pytest.mark.django_db
def test_figures_behind_a_token(client, settings, working):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 404
    client.get("/en/method/")
    client.get("/nowhere/")
    answer = client.get("/metrics", headers=TOKEN)
    found = {
        (line.name, *sorted(line.labels.items())): line.value
        for family in text_string_to_metric_families(answer.content.decode())
        for line in family.samples
    }
    assert found[("kzmedia_ready", ("check", "broker"))] == 1
    assert found[("kzmedia_queue_tasks",)] == 0
    assert 0 <= found[("kzmedia_beat_age_seconds",)] < 60
    assert found[("kzmedia_held",)] == 0
    counted = ("kzmedia_requests_total", ("kind", "dashboard"), ("method", "GET"), ("status", "2xx"))
    assert found[counted] >= 1
    # Whatever was asked before in this process: no label comes from an address.
    kinds = {labels[0][1] for name, *labels in found if name == "kzmedia_requests_total"}
    assert kinds <= {*get_resolver().namespace_dict, "other", "unknown"}
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_figures_without_a_database(working, monkeypatch):
    monkeypatch.setattr(readiness, "database", lambda: readiness.Check("database", False))
    monkeypatch.setattr(readiness, "recorded", lambda: readiness.Check("recorded", False))
    assert b'kzmedia_ready{check="database"} 0.0' in metrics.page()


@pytest.mark.parametrize(
    ("given", "taken"),
    [("0123456789abcdef", True), ("", False), ("short", False), ("x" * 65, False), ("line\nbreak-12", False)],
)
def test_the_id_of_a_request(given, taken):
    seen = []
    watch = Watch(lambda request: seen.append(logs.request_id.get()) or HttpResponse())
    request = RequestFactory().get("/", headers={"X-Request-ID": given})
    request.resolver_match = None
    answer = watch(request)
    assert seen == [answer["X-Request-ID"]]
    assert (answer["X-Request-ID"] == given) is taken
    assert re.fullmatch(r"[\w.-]{8,64}", answer["X-Request-ID"])
    assert logs.request_id.get() == ""


@pytest.mark.django_db
def test_slow_and_failed_requests_are_noted_without_what_the_address_holds(client, settings, caplog):
    settings.SLOW_REQUEST_SECONDS = 0
    client.get("/unsubscribe/a-secret-token/?q=private")
    (record,) = [record for record in caplog.records if record.name == "kzmedia.monitoring.requests"]
    assert "secret" not in record.getMessage()
    assert "private" not in record.getMessage()
    assert (record.route, record.method) == ("unsubscribe/<str:token>/", "GET")


def test_lines_of_json():
    told = []
    logger = logging.Logger("apps.any")
    handler = logging.Handler()
    handler.emit = lambda record: told.append(json.loads(handler.format(record)))
    handler.setFormatter(logs.JsonLineFormatter())
    handler.addFilter(logs.Ids())
    handler.addFilter(Blank(["the-key-itself"]))
    logger.addHandler(handler)
    token = logs.request_id.set("of-the-request")
    try:
        logger.warning(
            "Қазақ %s", "the-key-itself", extra={"request": RequestFactory().get("/?key=the-key-itself")}
        )
        try:
            raise ValueError("the-key-itself")
        except ValueError:
            logger.exception("failed")
    finally:
        logs.request_id.reset(token)
    first, second = told
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time"))
    assert first == {
        "level": "WARNING",
        "logger": "apps.any",
        "message": "Қазақ [secret]",
        "request_id": "of-the-request",
    }
    assert "ValueError" in second["exception"]
    assert "the-key-itself" not in json.dumps(told)


def test_lines_of_a_task_have_its_id(monkeypatch):
    told = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(json.loads(handler.format(record)))
    handler.setFormatter(logs.JsonLineFormatter())
    handler.addFilter(logs.Ids())
    monkeypatch.setattr(tasks.making, "nightly", lambda: Made(Path("one.tar"), 1, 2, 3))
    monkeypatch.setattr(tasks.logger, "handlers", [handler])
    tasks.make_backup.apply(task_id="0f")
    (line,) = told
    assert (line["task"], line["task_id"]) == ("kzmedia.tasks.make_backup", "0f")
