"""Addresses that pages link to: the same rows as files."""

from urllib.parse import urlencode

from apps.dashboard.forms import QueryForm
from apps.figures.formats import language

NOT_IN_FILES = ("sort", "page", "highlight", "view", "scale")


def exports(what: str, form: QueryForm | None, **filters: str) -> dict[str, str]:
    """The addresses of a file of these filters, by kind: plain, excel, xlsx, json, zip. `what`: standings or snapshots."""
    left_out = dict.fromkeys(NOT_IN_FILES, "")
    query = form.query(**left_out) if form else ""
    own = urlencode({name: value for name, value in filters.items() if value})
    parts = [part for part in (own, query, f"lang={language()}") if part]
    return of_kinds(what, "&".join(parts))


def everything(form: QueryForm) -> dict[str, str]:
    """The file of all that is recorded of those whom the filters choose, whatever the days."""
    chosen = ((name, str(form.value(name, ""))) for name in ("platform", "kind", "group", "q"))
    return exports("snapshots", None, **dict(chosen))


def of_kinds(what: str, query: str) -> dict[str, str]:
    """The same file in every kind. `what`: standings, snapshots or trend."""
    made = {ending: f"/export/{what}.{ending}?{query}" for ending in ("csv", "xlsx", "json", "zip")}
    plain = made.pop("csv")
    return {"plain": plain, "excel": f"{plain}&preset=excel", **made}
