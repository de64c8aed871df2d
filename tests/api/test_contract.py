"""Whatever the document of the interface allows, and much that it does not, gets an answer that the document names.

Asked over a socket of the server as the product starts it, so gunicorn's answers count too. A few examples of each address in
`make test`; API_CONTRACT_EXAMPLES=500 for a long run with other examples each time.
"""

import os

import pytest
import requests
import schemathesis
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from apps.api import tokens
from apps.api.models import Scope
from apps.api.schema import document
from apps.api.urls import urlpatterns
from tests import reference, servers
from tests.web import serving

EXAMPLES = int(os.environ.get("API_CONTRACT_EXAMPLES", "0"))
# Whether an actor, group or source of a name exists no schema can say: such values are refused though well formed.
NOT_ASKED = [positive_data_acceptance]
REFUSED = ["400", "401", "403", "404", "405", "406", "413", "414", "415", "429", "431"]


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """Provide the server with the published figures and somebody who may add snapshots, for whom `key` is made."""
    with django_db_blocker.unblock():
        reference.load()
        collector = get_user_model().objects.create_user("collector")
        collector.user_permissions.add(Permission.objects.get(codename="add_snapshot"))
        key = tokens.make(collector, "Almaty office", [Scope.WRITE_SNAPSHOTS, Scope.READ], None)[1]
    rates = dict.fromkeys(("API_RATE_ANONYMOUS", "API_RATE_SIGNED_IN", "API_RATE_WRITES"), "1000000/minute")
    with serving(tmp_path_factory.mktemp("var"), **rates) as server:
        yield server, key
    with django_db_blocker.unblock():
        servers.empty(connection)
        connection.close()


@pytest.fixture(scope="module")
def contract(server):
    """Provide the document as a tool reads it."""
    config = schemathesis.Config.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
    )
    return schemathesis.openapi.from_url(f"{server[0].site}/api/v1/schema/", config=config)


# What there is under the names in addresses, in the figures that come with the product.
THERE = {
    "actors": {"slug": "abenov"},
    "groups": {"slug": "abenov-vs-agencies"},
    "indicators": {"key": "platform_audience"},
    "sources": {"key": "koshkenov2022"},
}


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("known", [False, True], ids=["any", "known"])
def test_every_answer_is_documented(server, contract, mode, known):
    asked = 0
    with requests.Session() as session:
        for found in contract.get_all_operations():
            operation = found.ok()
            names = THERE.get(operation.path.split("/")[3]) if known and "{" in operation.path else None
            if known and names is None:
                continue
            session.headers = {"Accept-Encoding": "identity"}
            if operation.method == "post":
                session.headers["Authorization"] = f"Bearer {server[1]}"
            asked += ask(operation, mode, names, session)
    assert asked > 0


def ask(operation, mode, names, session):
    """Ask for one address in many ways; how often it was asked."""
    asked = 0

    @settings(
        max_examples=EXAMPLES or 2,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=names))
    def every(case):
        nonlocal asked
        asked += 1
        case.call_and_validate(session=session, headers=dict(session.headers), excluded_checks=NOT_ASKED)

    every()
    return asked


def test_the_document_is_valid():
    assert document()["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


@pytest.mark.django_db
def test_the_document_is_served(client):
    response = client.get("/api/v1/schema/")
    assert response.json() == document()
    assert response["ETag"]


def test_every_address_is_in_the_document():
    routes = {str(one.pattern).rstrip("/") for one in urlpatterns} - {"schema", "docs"}
    documented = {path.removeprefix("/api/v1").lstrip("/") for path in document()["paths"]}
    assert {
        route.replace("<slug:", "{").replace("<int:pk>", "{id}").replace(">", "}") for route in routes
    } == documented


def test_every_parameter_of_an_address_is_explained():
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert parameter.get("description") or parameter["in"] == "path", (path, parameter)
