import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.api import throttling, tokens
from apps.api.models import Scope
from tests import reference as reference_rows

V1 = "/api/v1/"


@pytest.fixture(autouse=True)
def rates(settings, monkeypatch):
    """No test is turned away but those that ask for it; counts of other tests and runs do not matter."""
    settings.API_RATES = dict.fromkeys(("ANONYMOUS", "SIGNED_IN", "WRITES"), "100000/minute")
    ident = uuid4().hex
    asker = throttling.Throttle._asker
    monkeypatch.setattr(
        throttling.Throttle,
        "_asker",
        lambda self, request: (asker(self, request)[0], ident + asker(self, request)[1]),
    )


@pytest.fixture
def get(client):
    """Provide the answer to an address below /api/v1/, which must be 200 unless another status is named."""

    def asked(address, status=200, **headers):
        response = client.get(V1 + address, headers=headers)
        assert response.status_code == status, response.content
        return response.json() if response.content else response

    return asked


@pytest.fixture
def whole(client):
    """Provide all rows of a list, page by page."""

    def asked(address):
        rows, place = [], V1 + address
        while place:
            answer = client.get(place).json()
            rows += answer["results"]
            place = answer["next"]
            assert len(rows) < 1000, "pages without an end"
        return rows

    return asked


@pytest.fixture
def reference(db):
    """The published figures that come with the product."""
    reference_rows.load()


@pytest.fixture
def collector(django_user_model):
    """Provide somebody who may add snapshots."""
    user = django_user_model.objects.create_user("collector", password="x")  # noqa: S106
    user.user_permissions.add(Permission.objects.get(codename="add_snapshot"))
    return user


@pytest.fixture
def key(collector):
    return tokens.make(collector, "Almaty office", [Scope.WRITE_SNAPSHOTS, Scope.READ], None)[1]


@pytest.fixture
def send(key):
    """Provide the verdicts on rows sent with a token; the whole answer where another status is named."""

    def sent(*rows, status=200, key=key, **more):
        response = Client(enforce_csrf_checks=True).post(
            V1 + "snapshots/",
            json.dumps({"rows": list(rows), **more}),
            content_type="application/json",
            headers={"authorization": f"Bearer {key}"},
        )
        assert response.status_code == status, response.content
        answer = response.json()
        return [row["verdict"] for row in answer["rows"]] if status == 200 else answer

    return sent


AT = datetime(2026, 11, 20, 13, tzinfo=UTC)
