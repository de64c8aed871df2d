"""Whatever the document of the interface allows, and much that it does not, gets an answer that the document names.

A few examples of each address in `make test`; API_CONTRACT_EXAMPLES=500 for a long run with other examples each time.
"""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from apps.api.schema import document
from apps.api.urls import urlpatterns
from kzmedia.wsgi import application

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("API_CONTRACT_EXAMPLES", "0"))
# Whether an actor, group or source of a name exists no schema can say: such values are refused though well formed.
NOT_ASKED = [positive_data_acceptance]


@pytest.fixture
def contract(reference):
    """The document as a tool reads it. Requests leave the test's connection open, as with Django's own test client."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    for signal in ends:
        signal.connect(close_old_connections)


# What there is under the names in addresses, in the figures that come with the product.
THERE = {
    "actors": {"slug": "abenov"},
    "groups": {"slug": "abenov-vs-agencies"},
    "indicators": {"key": "platform_audience"},
    "sources": {"key": "koshkenov2022"},
}


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("known", [False, True], ids=["any", "known"])
def test_every_answer_is_documented(contract, key, mode, known):
    asked = 0
    for found in contract.get_all_operations():
        operation = found.ok()
        names = THERE.get(operation.path.split("/")[3]) if known and "{" in operation.path else None
        if known and names is None:
            continue
        asked += ask(
            operation, mode, names, {"Authorization": f"Bearer {key}"} if operation.method == "post" else {}
        )
    assert asked > 0


def ask(operation, mode, names, headers):
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
        case.call_and_validate(headers={"Accept-Encoding": "identity", **headers}, excluded_checks=NOT_ASKED)

    every()
    return asked


def test_the_document_is_valid():
    assert document()["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_the_document_is_served(client):
    response = client.get("/api/v1/schema/")
    assert response.json() == document()
    assert response["ETag"]


def test_every_address_is_in_the_document():
    routes = {str(one.pattern) for one in urlpatterns} - {"schema/", "docs/", ""}
    documented = {path.removeprefix("/api/v1/") for path in document()["paths"]}
    assert {
        route.replace("<slug:", "{").replace("<int:pk>", "{id}").replace(">", "}") for route in routes
    } == documented


def test_every_parameter_of_an_address_is_explained():
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert parameter.get("description") or parameter["in"] == "path", (path, parameter)
