"""A database that is gone, full or overrun: pages say so plainly; a mistake of our own is not blamed on it."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from psycopg import errors

SAID = ("Дерекқор қазір жауап бермейді", "База данных сейчас не отвечает", "The database does not answer now")


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def broken(db):
    """Let every statement end so from now on, until the test is over."""
    with pytest.MonkeyPatch.context() as patch:

        def breaks(error):
            def fail(*_args, **_more):
                raise error

            patch.setattr(connection, "cursor", fail)

        yield breaks


@pytest.mark.parametrize("path", ["/", "/kk/standings/", "/ru/actors/abenov/", "/en/data/", "/admin/login/", "/feeds/corrections.atom"])  # fmt: skip
@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        InterfaceError("connection already closed"),
        OperationalError(errors.DiskFull("could not extend file: No space left on device")),
    ],
    ids=["gone", "closed", "full"],
)
def test_pages_say_it_in_three_languages(client, broken, path, error):
    client.cookies["sessionid"] = "somebody"
    broken(error)
    response = client.get(path, follow=True)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert all(sentence in text for sentence in SAID)
    assert not any(word in text for word in ("Traceback", "Error", "refused", "No space"))


def test_a_mistake_of_ours_is_a_500(client, broken):
    broken(ValueError("wrong"))
    response = client.get("/en/standings/")
    assert response.status_code == 500
    assert "The database" not in response.content.decode()
