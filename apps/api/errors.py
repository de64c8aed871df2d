"""Every error of the interface has one shape: {"error": {"code", "message", "fields"?}}."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

RETRY_AFTER = 60  # seconds


class BadParameters(exceptions.APIException):
    """Something in the address cannot be used; `fields` has the sentences by parameter."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_request"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(" ".join(sentence for sentences in fields.values() for sentence in sentences))
        self.fields = {name: list(sentences) for name, sentences in fields.items()}


class BadBody(exceptions.APIException):
    """What was sent cannot be used as a whole."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_request"


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer for an error that a view raised; None where it is a fault of ours, which is not hidden."""
    wrong = _as_ours(error)
    if wrong is None:
        return None
    set_rollback()
    told: dict[str, Any] = {"code": _code(wrong), "message": _message(wrong)}
    if isinstance(wrong, BadParameters):
        told["fields"] = wrong.fields
    response = Response({"error": told}, status=wrong.status_code)
    if header := getattr(wrong, "auth_header", ""):
        response.headers["WWW-Authenticate"] = header
    if isinstance(wrong, exceptions.Throttled):
        response.headers["Retry-After"] = str(getattr(wrong, "wait", None) or 1)
    elif isinstance(wrong, Unavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _as_ours(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable()
    return error if isinstance(error, exceptions.APIException) else None


def _code(error: exceptions.APIException) -> str:
    return {400: "bad_request", 401: "not_authenticated", 403: "forbidden", 404: "not_found"}.get(
        error.status_code, error.default_code
    )


def _message(error: exceptions.APIException) -> str:
    """Return a whole sentence in the language asked for. What the parser says of JSON is English and is passed on."""
    match error:
        case BadParameters() | BadBody():
            return str(error.detail)
        case exceptions.ParseError():
            return gettext("The body cannot be read: %(why)s") % {"why": str(error.detail)}
        case exceptions.AuthenticationFailed():
            return gettext("This token does not exist, has expired or was revoked.")
        case exceptions.NotAuthenticated():
            return gettext("This needs a token: “Authorization: Bearer …”.")
        case exceptions.PermissionDenied():
            if str(error.detail).startswith("CSRF"):
                return gettext("Who is signed in must send the form's token with it (CSRF).")
            return gettext("This token or person may not do this.")
        case exceptions.NotFound():
            return gettext("There is nothing at this address.")
        case exceptions.MethodNotAllowed():
            return gettext(
                "This address is not made for this method; the header Allow names those it is for."
            )
        case exceptions.NotAcceptable():
            return gettext("Answers are application/json, lists text/csv and application/x-ndjson too.")
        case exceptions.UnsupportedMediaType():
            return gettext("Send application/json.")
        case exceptions.Throttled():
            return gettext("Too many requests. Wait the number of seconds given in the Retry-After header.")
        case TooLarge():
            return str(error.detail)
        case _:
            return gettext("The database does not answer now; try again in a minute.")
