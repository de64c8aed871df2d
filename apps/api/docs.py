"""The document of the interface as a page: plain HTML, nothing from other hosts, nothing that runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.api.schema import FAILURES, TAGS, document


@dataclass(frozen=True)
class FieldDoc:
    """A parameter or a field."""

    name: str
    holds: str
    means: str
    required: bool = False


@dataclass(frozen=True)
class Operation:
    name: str  # the anchor
    method: str
    path: str
    summary: str
    description: str
    parameters: list[FieldDoc]
    sent: str  # the shape of the body
    answer: str  # the shape of the answer
    examples: list[tuple[str, str]]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    operations = [
        _operation(path, method, told)
        for path, methods in document()["paths"].items()
        for method, told in methods.items()
    ]
    tags = {
        operation.name: told["tags"][0] for operation, told in zip(operations, _describe_row(), strict=True)
    }
    context = {
        "parts": [(tag, [one for one in operations if tags[one.name] == tag]) for tag in TAGS],
        "shapes": [
            (name, _fields(shape))
            for name, shape in document()["components"]["schemas"].items()
            if "properties" in shape
        ],
        "failures": [(status, code, text) for status, (_name, text, code, _headers) in FAILURES.items()],
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "api/docs.html", context)


def _describe_row() -> list[Mapping[str, Any]]:
    return [told for methods in document()["paths"].values() for told in methods.values()]


def _operation(path: str, method: str, told: Mapping[str, Any]) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    answer = told["responses"]["200"]["content"]["application/json"]
    examples = {**body.get("examples", {}), **answer.get("examples", {})}
    return Operation(
        name=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=told["description"],
        parameters=[
            FieldDoc(
                one["name"], _holds(one["schema"]), one.get("description", ""), one.get("required", False)
            )
            for one in told.get("parameters", [])
            if one["in"] != "header"
        ],
        sent=_name(body.get("schema", {})),
        answer=_name(answer["schema"]),
        examples=[
            (one.get("summary", name), json.dumps(one["value"], indent=2, ensure_ascii=False))
            for name, one in examples.items()
        ],
    )


def _fields(shape: Mapping[str, Any]) -> list[FieldDoc]:
    required = shape.get("required", [])
    return [
        FieldDoc(name, _holds(one), one.get("description", ""), name in required)
        for name, one in shape["properties"].items()
    ]


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _holds(schema: Mapping[str, Any]) -> str:
    """Return what a value may be, in a few words: string, integer or null, list of Point."""
    parts = schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf")
    if parts:
        return " or ".join(dict.fromkeys(_holds(part) for part in parts))
    if name := _name(schema):
        known = document()["components"]["schemas"].get(name, {})
        return _holds(known) if "enum" in known else name
    if "enum" in schema:
        return ", ".join("null" if word is None else str(word) for word in schema["enum"])
    kind = schema.get("type", "object")
    if kind == "array" or (isinstance(kind, list) and "array" in kind):
        return f"list of {_holds(schema['items'])}"
    named = [kind] if isinstance(kind, str) else list(kind)
    return " or ".join(schema.get("format", one) if one == "string" else one for one in named)
