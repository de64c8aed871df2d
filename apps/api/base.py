"""Base views of the API: permissions, headers, pagination."""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import override
from django.views.decorators.gzip import gzip_page
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.api import paging
from apps.api.authentication import MayRead, TokenAuthentication
from apps.api.errors import TooLarge
from apps.api.forms import ReadForm
from apps.api.row import RowSerializer, Shape, page_of
from apps.api.schema import ApiSchema
from apps.api.throttling import Throttle
from apps.common import reading
from apps.common.cross_origin import PREFLIGHT
from apps.snapshots import terms
from apps.standings import cache_version

T = TypeVar("T")

MOST_BYTES = 2 * 1024 * 1024  # of a body
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
}


class JsonBody(BaseParser):
    """JSON of a size that fits into memory; whatever else is sent is an error and nothing worse."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge(f"At most {MOST_BYTES} bytes are taken at once.")
        try:
            return json.loads(body.decode(), parse_constant=_no_such_number)
        except RecursionError:
            raise exceptions.ParseError("it is nested too deeply.") from None
        except ValueError as error:
            raise exceptions.ParseError(str(error)) from None


def _no_such_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


class OneLanguage(DefaultContentNegotiation):
    """Only Accept is looked at; `format` is no parameter here."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        return renderers


@method_decorator(gzip_page, name="dispatch")
class ReadView(APIView):
    """A public answer that depends on nothing but its address, the day and the data."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (MayRead,)
    throttle_classes = (Throttle,)
    parser_classes = (JsonBody,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OneLanguage
    metadata_class = None  # OPTIONS says what browsers ask for and no more
    schema: Any = ApiSchema()

    form_class: ClassVar[type[ReadForm]] = ReadForm
    answer: ClassVar[type[Serializer[Any]]]  # what the document says of the answer
    summary = ""
    tag = ""

    @abstractmethod
    def read(self, *asked: Any, **named: Any) -> Shape:
        """Return what is answered to a form and the names in the address."""

    @method_decorator(reading.for_readers)
    def get(self, request: Request, **named: Any) -> HttpResponseBase:
        etag = etag_of(request._request)
        # "*" stands for whatever there is: that has to be found out first.
        if request.headers.get("If-None-Match", "").strip() != "*" and (
            unchanged := get_conditional_response(request._request, etag=etag)
        ):
            unchanged.headers["ETag"] = etag
            return unchanged
        form = self.form_class(request.GET)
        form.check_values()
        made = Response(self.read(form, **named), headers={"ETag": etag})
        return get_conditional_response(request._request, etag=etag, response=made) or made

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers=PREFLIGHT)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = language_of(request)
        with override(language):
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except (exceptions.AuthenticationFailed, exceptions.NotAuthenticated, exceptions.PermissionDenied):
            self.check_throttles(request)  # guesses count too
            raise

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        is_kept = request.method in ("GET", "HEAD") and response.status_code in (200, 304)
        response.headers["Cache-Control"] = "public, no-cache" if is_kept else "no-store"
        patch_vary_headers(response, ["Accept-Encoding"])
        if onward := isinstance(data := getattr(response, "data", None), dict) and data.get("next"):
            response.headers["Link"] = f'<{onward}>; rel="next"'
        if request.method != "POST":
            for name, said in CORS.items():
                response.headers[name] = said
        return response


class ListView(ReadView):
    """List rows of the database, in order of `fields`, the last of which tells any two apart."""

    fields: ClassVar[Sequence[str]] = ("pk",)
    row: ClassVar[type[RowSerializer]]  # what each of them is answered as

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.answer = page_of(cls.row)

    @abstractmethod
    def rows(self, *asked: Any, **named: Any) -> QuerySet[Any]:
        """Select what is listed, for a form and the names in the address."""

    def read(self, form: Any, **named: Any) -> Shape:
        chosen = list(paging.after(self.rows(form, **named), self.fields, form.position)[: form.limit + 1])
        return page(self.request, form, chosen, self.place, lambda row: self.row.shape(row, form.language))

    def place(self, row: Model) -> list[Any]:
        return [getattr(row, field.lstrip("-")) for field in self.fields]


def page(
    request: Request,
    form: ReadForm,
    rows: Sequence[T],
    place: Callable[[T], Sequence[Any]],
    shape: Callable[[T], Shape],
) -> Shape:
    """Return at most `limit` rows and the address of those behind them; `rows` has one more where there are more."""
    shown = rows[: form.limit]
    more = place(shown[-1]) if len(rows) > len(shown) else None
    return {
        "next": address_of_next(request, more) if more is not None else None,
        "left_out": terms.left_out_of_files(),
        "results": [shape(row) for row in shown],
    }


def compute_page(
    request: Request, form: ReadForm, rows: Sequence[T], key: Callable[[T], str], shape: Callable[[T], Shape]
) -> Shape:
    """Return the same of rows that are reckoned anew for every page: go on behind the row that the page before ended
    with, wherever that stands now."""
    start = 0
    if form.position:
        place, last = form.position
        place = max(0, min(place, len(rows) - 1))
        if rows and key(rows[place]) != last:
            place = next((at for at, row in enumerate(rows) if key(row) == last), place - 1)
        start = place + 1
    numbered = list(enumerate(rows))[start : start + form.limit + 1]
    return page(request, form, numbered, lambda one: [one[0], key(one[1])], lambda one: shape(one[1]))


def address_of_next(request: Request, place: Iterable[Any]) -> str:
    query = [(name, value) for name, value in _pairs(request._request) if name != "cursor"]
    query.append(("cursor", paging.write_position(list(place))))
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"


def etag_of(request: HttpRequest) -> str:
    """Return another one after every write of anything public, the next day, and with another version of the code."""
    return f'W/"{cache_version.key_of(request, blanks=True)[:32]}"'


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)


def language_of(request: HttpRequest) -> str:
    asked: str = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else "en"
