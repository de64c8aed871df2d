"""Requests that carry files: too large a one is refused before it is read, a full disk is told in a sentence."""

import errno
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler, StopFutureHandlers
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from apps.common.grids import MEGABYTE, too_large

View = Callable[..., HttpResponse]
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class InMemory(MemoryFileUploadHandler):
    """Files never touch the disk on their way in, so that what comes with them is read when the disk is full."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True  # the whole request has a limit of its own

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().new_file(*args, **kwargs)
        except StopFutureHandlers:
            pass


def takes_files(limit: int, *handlers: type[FileUploadHandler]) -> Callable[[View], View]:
    """Return a view whose whole request may be `limit` bytes. It checks the form's token itself, after the size."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdecimal() or int(length) > limit + MEGABYTE:
                return refuse(request, too_large(limit), 413)
            if handlers:
                request.upload_handlers = [handler(request) for handler in handlers]
            try:
                return csrf_protect(view)(request, *args, **kwargs)
            except RequestDataTooBig:
                limit_of_text = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // MEGABYTE
                sentence = _(
                    "The pasted text is too large: up to %(limit)d MB can be pasted. Go back, where it still stands, and send it as a "
                    "file."
                ) % {"limit": limit_of_text}
                return refuse(request, sentence, 413)
            except OSError as error:
                if error.errno not in NO_ROOM:
                    raise
                return refuse(request, _("There is no room on the server's disk. Nothing was kept."), 507)

        return guarded

    return decorate


def refuse(request: HttpRequest, sentence: str | Promise, status: int) -> HttpResponse:
    """Answer with a page of the desk that says why not."""
    context = {**admin.site.each_context(request), "title": _("Not accepted"), "sentence": sentence}
    return render(request, "backoffice/refused.html", context, status=status)
