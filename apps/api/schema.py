"""The document of the interface (OpenAPI 3.1), made from the views, their forms, rows.py and sent.py."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from apps.collectors.platforms import PLATFORMS
from apps.exports import licensing
from apps.registry.models import ActorKind

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WORD: Schema = {"type": "string", "minLength": 1}
DAY_PATTERN = r"^\d{4}(-\d{2}(-\d{2})?)?$"
DAY: Schema = {"type": "string", "pattern": DAY_PATTERN}
SLUGS: Schema = {"type": "array", "items": {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": 80}}


def words(*known: str) -> Schema:
    return {"type": "string", "enum": list(known)}


# What the parameters mean, by name; a form says which of them an address has.
PARAMETERS: dict[str, tuple[Schema, str]] = {
    "platform": (words(*PLATFORMS), "One platform."),
    "kind": ({"type": "array", "items": words(*ActorKind.values)}, "Kinds of actors; may be repeated."),
    "region": (WORD | {"maxLength": 80}, "The actors' region."),
    "group": (WORD | {"maxLength": 80}, "A group's slug: its members."),
    "actor": (SLUGS, "Actors' slugs, today's or earlier ones; may be repeated."),
    "q": (WORD | {"maxLength": 100}, "In the names of all three languages; typing mistakes are forgiven."),
    "account": ({"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, "One account, by our own number."),
    "from": (DAY, "The first day: 2022-05-31, 2022-05 or 2022."),
    "to": (DAY, "The last day; a month or a year stands for its last day."),
    "on": (DAY, "Values as of this day; today in Almaty."),
    "since": (
        {"type": "string", "pattern": rf"{DAY_PATTERN}|^(7d|30d|1y)$"},
        "Compared with this day, or so long before “on”.",
    ),
    "rows": (words("actors", "accounts"), "The accounts of an actor together, or each for itself."),
    "fresh": (words("1", "on", "true", "0", "false"), "1: without values older than 30 days."),
    "reference": (SLUGS | {"maxItems": 1}, "The actor whom the others are measured by; the group's own."),
    "geo": (WORD | {"maxLength": 20}, "KZ or World."),
    "segment": (WORD | {"maxLength": 80}, "How it was measured."),
    "lang": (words("kk", "ru", "en"), "The language of names and messages; en."),
    "state": ({"type": "array", "items": TEXT}, "Only rows of this state; may be repeated."),
    "sort": (TEXT, "Sorted by this column of the rows; with a minus before it from the highest down."),
    "fields": (
        {"type": "array", "items": TEXT, "minItems": 1},
        "Only these fields of each row, with commas between them, in this order. Without it a row has all of them.",
    ),
    "limit": ({"type": "integer", "minimum": 1}, "At most so many rows a page."),
    "cursor": (WORD | {"maxLength": 1000}, "Taken from “next” of the page before."),
}
MANY = {"type": "array"}

SENT = {"type": "object"}


class ApiSchema(AutoSchema):
    """Reads what the views say of themselves: form_class, answer, summary, tag, sent."""

    view: Any

    def get_operation_id(self) -> str:
        word = "create" if self.method == "POST" else "retrieve" if "{" in self.path else "list"
        named = self.view.__class__.__name__.removesuffix("View")
        return f"{named[0].lower()}{named[1:]}_{word}"

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_summary(self) -> str:
        return str(self.view.sent_summary if self.method == "POST" else self.view.summary)

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        return " ".join((getattr(self.view, self.method.lower()).__doc__ or self.view.__doc__ or "").split())

    def get_override_parameters(self) -> list[Any]:
        if self.method == "POST":
            return [_parameter("lang", {})]
        form = self.view.make_form(QueryDict())
        made = [_parameter(name, self._narrow(form, name)) for name in form.fields]
        return [*made, OpenApiParameter("If-None-Match", TEXT, "header", description="The ETag one has.")]

    def _narrow(self, form: Any, name: str) -> Schema:
        """Return what this address alone allows of a parameter."""
        match name:
            case "limit":
                return {"maximum": form.most, "default": form.usual}
            case "sort":
                return words(*[sign + column for column in form.sorts for sign in ("", "-")])
            case "fields":
                return {"items": words(*form.fields["fields"].known)}
            case "state":
                return {"items": words(*[state for state, _word in form.fields["state"].choices])}
        return {}

    def get_request_serializer(self) -> Any:
        return self.view.sent if self.method == "POST" else None

    def get_response_serializers(self) -> Any:
        if self.method == "POST":
            return {"200": OpenApiResponse(self.view.sent_answer, "What became of each row.")}
        return {
            "200": OpenApiResponse(self.view.answer, "The answer."),
            "304": OpenApiResponse(None, "What If-None-Match names still holds."),
        }

    def get_examples(self) -> list[Any]:
        return list(getattr(self.view, "examples", {}).get(self.method, ()))

    def get_auth(self) -> list[Schema]:
        return [{"token": []}] if self.method == "POST" else [{}, {"token": []}]

    def get_filter_backends(self) -> list[Any]:
        return []


def _parameter(name: str, narrowed: Schema) -> OpenApiParameter:
    schema, text = PARAMETERS[name]
    explode = False if name == "fields" else None
    return OpenApiParameter(name, schema | narrowed, "query", description=text, explode=explode)


# The answers that any address may give beside its own: status, name, what it means, codes, a sentence, headers.
RETRY = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds to wait."}}
CHALLENGE = {"WWW-Authenticate": {"schema": TEXT, "description": "How to show a token."}}
ALLOW = {"Allow": {"schema": TEXT, "description": "The methods there are."}}
FAILURES: dict[str, tuple[str, str, str, Schema]] = {
    "400": (
        "BadRequest",
        "A parameter or the body cannot be used; “fields” says which and why.",
        "bad_request",
        {},
    ),
    "401": ("NotAuthenticated", "No token, or one that opens nothing.", "not_authenticated", CHALLENGE),
    "403": ("Forbidden", "This token may not do this.", "forbidden", {}),
    "404": ("NotFound", "There is nothing at this address.", "not_found", {}),
    "405": ("MethodNotAllowed", "The address is not made for this method.", "method_not_allowed", ALLOW),
    "406": ("NotAcceptable", "Answers are not of a type that Accept names.", "not_acceptable", {}),
    "413": ("TooLarge", "More than is taken at once.", "too_large", {}),
    "415": ("UnsupportedMediaType", "The body is not application/json.", "unsupported_media_type", {}),
    "429": ("TooManyRequests", "Ask again after the time that Retry-After says.", "throttled", RETRY),
    "503": ("Unavailable", "The database does not answer now.", "unavailable", RETRY),
}
ONLY_SENT = {"413", "415"}
TAGS = {
    "document": "What there is.",
    "numbers": "What was counted, and what follows from it.",
    "who": "Actors, their accounts, groups of them.",
    "context": "Where it comes from, and what else was the case.",
}
# What the server itself says before any of this is asked, in its own words.
OF_THE_SERVER = {
    "414": ("UriTooLong", "The address is longer than 8,190 bytes."),
    "431": ("HeaderTooLong", "A header is longer than 8,190 bytes."),
}


def with_slash(endpoints: list[Any]) -> list[Any]:
    """Leave each address once, of those that answer with and without a last slash (a hook of the generator)."""
    return [endpoint for endpoint in endpoints if endpoint[0].endswith("/")]


def with_failures(result: Schema, **_more: Any) -> Schema:
    """Name every error that an operation may answer with (a hook of the generator)."""
    result["servers"] = [{"url": "/"}]
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    result["info"] |= {"license": _licence(), "contact": {"name": "KZMedia", "url": f"{settings.SITE_URL}/"}}
    # Every address answers with and without its last slash; checkers of documents want none.
    result["paths"] = {path.rstrip("/"): methods for path, methods in result["paths"].items()}
    parts = result["components"]
    parts["responses"] = {name: _failure(status) for status, (name, *_rest) in FAILURES.items()} | {
        name: {"description": text, "content": {"text/html": {"schema": TEXT}}}
        for name, text in OF_THE_SERVER.values()
    }
    parts["schemas"].setdefault("Error", ERROR)
    parts["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token that the editors of the site give.",
        }
    }
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            for status, (name, *_rest) in FAILURES.items():
                if (status in ONLY_SENT and method != "post") or (status == "404" and "{" not in path):
                    continue
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
            for status, (name, _text) in OF_THE_SERVER.items():
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
            if method == "get":
                for status in ("200", "304"):
                    operation["responses"][status]["headers"] = HEADERS
                _let_fields_be_chosen(operation, parts["schemas"])
    for shape in parts["schemas"].values():
        for held in shape["properties"].values():
            held.pop("x-spec-enum-id", None)
            held.get("items", {}).pop("x-spec-enum-id", None)
    for name in ("SentRequest", "SentRowRequest", "Sent", "SentRow"):
        if name in parts["schemas"]:
            parts["schemas"][name]["additionalProperties"] = False
    return result


def _licence() -> Schema:
    """Name the licence of the data; where none is chosen, the place that says so."""
    licence = licensing.chosen()
    if licence is None:
        return {"name": "Not chosen yet", "url": f"{settings.SITE_URL}/en/data/#licence"}
    return {"name": licence.title, "url": licence.address}


def _let_fields_be_chosen(operation: Schema, shapes: Schema) -> None:
    """Say of rows whose fields may be chosen that none has to be there, and that they are to be had as CSV and NDJSON."""
    if not any(one["name"] == "fields" for one in operation["parameters"]):
        return
    content = operation["responses"]["200"]["content"]
    shape = shapes[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    if results := shape["properties"].get("results"):
        shape = shapes[results["items"]["$ref"].rpartition("/")[2]]
    shape.pop("required", None)
    content["text/csv"] = {
        "schema": TEXT
        | {"description": "A row a line; what stands within a row is a column with a point: now.followers."}
    }
    content["application/x-ndjson"] = {"schema": TEXT | {"description": "A row a line, each as in JSON."}}


HEADERS: Schema = {
    "ETag": {"schema": TEXT, "description": "Another one after every change of the data."},
    "Link": {
        "schema": TEXT,
        "description": "The document of the interface; of a list the first page and the next.",
    },
    "X-Ledger": {"schema": TEXT, "description": "The ledger's newest number."},
    "X-Left-Out": {"schema": TEXT, "description": "The platforms that are left out."},
    "RateLimit-Limit": {
        "schema": {"type": "integer"},
        "description": "Requests in the window that is nearest its end.",
    },
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "How many of them are left."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until there are more."},
    "RateLimit-Policy": {"schema": TEXT, "description": "All windows: 120;w=60 is 120 in 60 seconds."},
}
ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "additionalProperties": False,
            "properties": {
                "code": words(*[code for _name, _text, code, _headers in FAILURES.values()])
                | {"description": "A word that programs may rely on."},
                "message": TEXT | {"description": "A sentence for people, in the language of lang."},
                "fields": {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": TEXT},
                    "description": "Sentences by parameter or field.",
                },
            },
        }
    },
}


def _failure(status: str) -> Schema:
    _name, text, code, headers = FAILURES[status]
    told: Schema = {"code": code, "message": "…"}
    if status == "400":
        told = {
            "code": code,
            "message": "The parameter “platform” cannot be used: “myspace” is not one of the values known here.",
            "fields": {
                "platform": [
                    "The parameter “platform” cannot be used: “myspace” is not one of the values known here."
                ]
            },
        }
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": {"error": told}}
    return {"description": text, "content": {"application/json": content}} | (
        {"headers": headers} if headers else {}
    )


@cache
def document() -> Mapping[str, Any]:
    """Return the whole document; made once a process, in English."""
    with override("en"):
        generator: Any = SchemaGenerator
        made: Mapping[str, Any] = generator().get_schema(request=None, public=True)
    return made
