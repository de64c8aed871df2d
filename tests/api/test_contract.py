"""Whatever the document of the interface allows, and much that it does not, gets an answer that the document names.

A few examples of each address in `make test`; API_CONTRACT_EXAMPLES=500 for a long run with other examples each time.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
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
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", application)


asked = schemathesis.pytest.from_fixture("contract")


@asked.parametrize()
@settings(
    max_examples=EXAMPLES or 4,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_documented(case, key):
    headers = {"Authorization": f"Bearer {key}"} if case.method == "POST" else {}
    case.call_and_validate(headers=headers, excluded_checks=NOT_ASKED)


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
