"""Addresses that pages link to: the same rows as files."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from apps.dashboard.forms import QueryForm
from apps.figures.formats import LANGUAGES, language

NOT_IN_FILES = ("sort", "page", "highlight", "view", "scale")


def in_languages(request: HttpRequest) -> dict[str, str]:
    """Return the addresses of this page with its query, by language; an address without a language stays itself."""
    here, own = request.get_full_path(), f"/{language()}/"
    has_one = request.path_info.startswith(own)
    return {code: here.replace(own, f"/{code}/", 1) if has_one else here for code in LANGUAGES}


def exports(what: str, form: QueryForm | None, **filters: str | Sequence[str]) -> dict[str, str]:
    """Return the addresses of a file of these filters, by kind: plain, excel, xlsx, json, parquet, zip. `what`: standings or
    snapshots."""
    left_out = dict.fromkeys(NOT_IN_FILES, "")
    query = form.query(**left_out) if form else ""
    own = urlencode({name: value for name, value in filters.items() if value}, doseq=True)
    parts = [part for part in (own, query, f"lang={language()}") if part]
    return of_kinds(what, "&".join(parts))


def of_kinds(what: str, query: str) -> dict[str, str]:
    """Return the addresses of one file by kind. `what`: standings, snapshots or trend."""
    made = {
        ending: f"/export/{what}.{ending}?{query}" for ending in ("csv", "xlsx", "json", "parquet", "zip")
    }
    plain = made.pop("csv")
    return {"plain": plain, "excel": f"{plain}&preset=excel", **made}


def contact() -> str:
    """Return the address at which the editors are reached: a page, or an e-mail address as a link; "" without one."""
    address: str = settings.CONTACT
    return f"mailto:{address}" if "@" in address and not address.startswith("http") else address
