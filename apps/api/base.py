"""Base views of the API: permissions, headers, pagination."""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import override
from django.views.decorators.gzip import gzip_page
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.api import paging, sorting, tabular
from apps.api.authentication import MayRead, TokenAuthentication
from apps.api.errors import TooLarge
from apps.api.forms import ReadForm, Sorts
from apps.api.row import RowSerializer, Shape, page_of
from apps.api.schema import ApiSchema
from apps.api.throttling import Throttle
from apps.common import reading
from apps.common.cross_origin import PREFLIGHT
from apps.ledger.reads import newest_label
from apps.snapshots import terms
from apps.standings import cache_version

T = TypeVar("T")

MOST_BYTES = 2 * 1024 * 1024  # of a body
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Ledger, X-Left-Out, RateLimit-Limit, RateLimit-Remaining,"
    " RateLimit-Reset, RateLimit-Policy",
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


class ByAccept(BaseContentNegotiation):
    """Choose by Accept and its q; `format` is no parameter here."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return next((parser for parser in parsers if _is_of(request.content_type, parser.media_type)), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        by_type = {renderer.media_type: renderer for renderer in renderers}
        preferred = request._request.get_preferred_type(list(by_type))
        if preferred is None:
            raise exceptions.NotAcceptable(available_renderers=renderers)
        return by_type[preferred], preferred


def _name_type(response: Any) -> None:
    """Name the type of an answer without rows too, which NDJSON has no byte for."""
    renderer = response.accepted_renderer
    response.headers.setdefault("Content-Type", f"{renderer.media_type}; charset={renderer.charset}")


def _is_of(content_type: str | None, media_type: str) -> bool:
    return (content_type or "").split(";")[0].strip().lower() == media_type


@method_decorator(gzip_page, name="dispatch")
class ReadView(APIView):
    """A public answer that depends on nothing but its address, the day and the data."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (MayRead,)
    throttle_classes = (Throttle,)
    parser_classes = (JsonBody,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = ByAccept
    metadata_class = None  # OPTIONS says what browsers ask for and no more
    schema: Any = ApiSchema()

    form_class: ClassVar[type[ReadForm]] = ReadForm
    answer: ClassVar[type[Serializer[Any]]]  # what the document says of the answer
    sorts: ClassVar[Sorts] = {}  # by what a list may be sorted, and what its cursor then holds
    states: ClassVar[Sequence[str]] = ()  # which states may be chosen
    summary = ""
    tag = ""

    row_class: ClassVar[type[RowSerializer] | None] = None
    chosen_fields: Sequence[str] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.row_class = tabular.row_within(cls.answer) if hasattr(cls, "answer") else None

    @classmethod
    def make_form(cls, query: QueryDict) -> ReadForm:
        """Return the form of the parameters that this address has."""
        columns = tuple(cls.row_class._declared_fields) if cls.row_class else ()
        return cls.form_class(query, sorts=cls.sorts, columns=columns, states=cls.states)

    def get_renderers(self) -> list[BaseRenderer]:
        if self.row_class is None or self.request.method == "POST":
            return [JSONRenderer()]
        return [JSONRenderer(), tabular.CsvRenderer(), tabular.NdjsonRenderer()]

    @abstractmethod
    def read(self, *asked: Any, **named: Any) -> Shape:
        """Return what is answered to a form and the names in the address."""

    @method_decorator(reading.for_readers)
    def get(self, request: Request, **named: Any) -> HttpResponseBase:
        etag = etag_of(request)
        # "*" stands for whatever there is: that has to be found out first.
        if request.headers.get("If-None-Match", "").strip() != "*" and (
            unchanged := get_conditional_response(request._request, etag=etag)
        ):
            unchanged.headers["ETag"] = etag
            return unchanged
        form = self.make_form(request.GET)
        form.check_values()
        self.chosen_fields = form.chosen_fields
        answer = self._narrow(self.read(form, **named))
        made = Response(answer, headers={"ETag": etag})
        if sealed := newest_label():  # read here, where the replica is
            made.headers["X-Ledger"] = sealed
        made.add_post_render_callback(_name_type)
        return get_conditional_response(request._request, etag=etag, response=made) or made

    def _narrow(self, answer: Shape) -> Shape:
        """Leave of each row the fields asked for, in the order in which they were."""
        if not self.chosen_fields:
            return answer
        if "results" not in answer:
            return {name: answer[name] for name in self.chosen_fields}
        return answer | {
            "results": [{name: row[name] for name in self.chosen_fields} for row in answer["results"]]
        }

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
        if response.status_code >= 400 and isinstance(
            response, Response
        ):  # an error has one shape, whatever was asked for
            response.accepted_renderer, response.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        is_kept = request.method in ("GET", "HEAD") and response.status_code in (200, 304)
        response.headers["Cache-Control"] = "public, no-cache" if is_kept else "no-store"
        patch_vary_headers(response, ["Accept", "Accept-Encoding"])
        for name, said in getattr(self, "rate_headers", {}).items():
            response.headers[name] = said
        self._lead_on(request, response)
        if request.method != "POST":
            for name, said in CORS.items():
                response.headers[name] = said
        return response

    def _lead_on(self, request: Request, response: Any) -> None:
        """Say in headers what CSV and NDJSON have no place for: the pages around, the document, what is left out."""
        links = [(reverse("api:schema"), "service-desc")]
        answer = getattr(response, "data", None)
        if isinstance(answer, dict) and "next" in answer:
            links.append((address_of_first(request), "first"))
            if answer["next"]:
                links.append((answer["next"], "next"))
            if answer["left_out"]:
                response.headers["X-Left-Out"] = ", ".join(answer["left_out"])
        response.headers["Link"] = ", ".join(
            f'<{request.build_absolute_uri(address)}>; rel="{relation}"' for address, relation in links
        )


class ListView(ReadView):
    """List rows of the database, in order of `fields`, the last of which tells any two apart."""

    fields: ClassVar[Sequence[str]] = ("pk",)
    row: ClassVar[type[RowSerializer]]  # what each of them is answered as
    columns: ClassVar[Mapping[str, sorting.SortColumn]] = {}  # by what they may be sorted

    def __init_subclass__(cls) -> None:
        cls.answer = page_of(cls.row)
        cls.sorts = {name: (column.kind, int) for name, column in cls.columns.items()}
        super().__init_subclass__()

    @abstractmethod
    def rows(self, *asked: Any, **named: Any) -> QuerySet[Any]:
        """Select what is listed, for a form and the names in the address."""

    def read(self, form: Any, **named: Any) -> Shape:
        fields = self.fields
        if form.sort:
            fields = sorting.fields_of(form.sort, self.columns, form.language)
        found = paging.after(self.rows(form, **named), fields, form.position)[: form.limit + 1]
        return page(
            self.request,
            form,
            list(found),
            lambda row: [_value_at(row, field) for field in fields],
            lambda row: self.row.shape(row, form.language),
        )


def _value_at(row: Model, field: str) -> Any:
    found: Any = row
    for name in field.lstrip("-").split("__"):
        found = getattr(found, name)
    return found


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
        "next": address_of_next(request, [*more, *form.sort_in_cursor]) if more is not None else None,
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
        place, last = form.position[:2]
        place = max(0, min(place, len(rows) - 1))
        if rows and key(rows[place]) != last:
            place = next((at for at, row in enumerate(rows) if key(row) == last), place - 1)
        start = place + 1
    numbered = list(enumerate(rows[start : start + form.limit + 1], start))
    return page(request, form, numbered, lambda one: [one[0], key(one[1])], lambda one: shape(one[1]))


def address_of_next(request: Request, place: Iterable[Any]) -> str:
    query = [(name, value) for name, value in _pairs(request._request) if name != "cursor"]
    query.append(("cursor", paging.write_position(list(place))))
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"


def address_of_first(request: Request) -> str:
    query = [(name, value) for name, value in _pairs(request._request) if name != "cursor"]
    return f"{request.path}?{urlencode(query)}" if query else request.path


def etag_of(request: Request) -> str:
    """Return another one after every write of anything public, the next day, in another form, and with another version
    of the code."""
    form = request.accepted_renderer.media_type
    return f'W/"{cache_version.key_of(request._request, form, blanks=True)[:32]}"'


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)


def language_of(request: HttpRequest) -> str:
    asked: str = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else "en"
