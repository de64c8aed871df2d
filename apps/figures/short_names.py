"""Short names of actors, where a chart, a phone's table or a sentence has no room for the whole ones.

They are read once a request or a run of sending, when the first of them is asked for. Elsewhere there are none: a
caller then has the name with the country abbreviated.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SHORT_NAMES = """
SELECT al.language, coalesce(nullif(CASE al.language WHEN 'ru' THEN ac.name_ru WHEN 'kk' THEN ac.name_kk END, ''), ac.name_en),
    al.text
FROM registry_alias al JOIN tracking_actor ac ON ac.id = al.actor_id
WHERE al.kind = %s AND NOT ac.hidden
"""

Names = dict[tuple[str, str], str]  # (language, whole name) -> short name

_names: ContextVar[list[Names] | None] = ContextVar(
    "short_names", default=None
)  # the list is filled at first use


class ShortNames:
    """Middleware: what is shown in answer to a request may use short names."""

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self.get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        with in_use():
            return self.get_response(request)


@contextmanager
def in_use() -> Iterator[None]:
    """Let what is written within it use short names; as a decorator, what the function writes."""
    token = _names.set([])
    try:
        yield
    finally:
        _names.reset(token)


def find_short_name(name: str, language: str) -> str:
    """Return the short name of the actor that is so called in the language; "" where it has none."""
    held = _names.get()
    if held is None:
        return ""
    if not held:
        held.append(read_short_names())
    return held[0].get((language, name), "")


def read_short_names() -> Names:
    """Read the short names of public actors. One statement."""
    # Here and not above: the process that draws pictures comes by charts to this file, and has neither models nor pages.
    from apps.common import reading
    from apps.registry.models import Alias

    with reading.cursor() as cursor:
        cursor.execute(SHORT_NAMES, [Alias.Form.SHORT])
        return {(language, whole): text for language, whole, text in cursor.fetchall()}
