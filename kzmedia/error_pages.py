"""Answers when a page could not be made."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from apps.common import shared_files
from apps.common.file_store import Unreachable

AGAIN = 30  # seconds until it is worth asking again


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 503 in all three languages when the database is gone, full, stopping or overrun; else the page of an
    error.

    No request goes to the template: who asks and in which language may be known to the database alone.
    """
    if isinstance(sys.exception(), Unreachable):
        return shared_files.missing_answer()
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return server_error(request)
    response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = str(AGAIN)
    response.headers["Cache-Control"] = "no-store"
    return response
