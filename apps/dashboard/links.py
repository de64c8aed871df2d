"""Addresses that pages link to: the same rows as files."""

from urllib.parse import urlencode

from apps.dashboard.forms import QueryForm
from apps.figures.formats import language

NOT_IN_FILES = ("sort", "page", "highlight", "view", "scale")


def exports(what: str, form: QueryForm | None, **filters: str) -> dict[str, str]:
    """The addresses of a file of these filters: plain, and for Excel. `what`: standings or snapshots."""
    left_out = dict.fromkeys(NOT_IN_FILES, "")
    query = form.query(**left_out) if form else ""
    own = urlencode({name: value for name, value in filters.items() if value})
    parts = [part for part in (own, query, f"lang={language()}") if part]
    plain = f"/export/{what}.csv?" + "&".join(parts)
    return {"plain": plain, "excel": f"{plain}&preset=excel"}
