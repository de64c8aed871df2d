"""The parameters of an address: those that others append to follow readers, and those that it has none of."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.translation import gettext

View = Callable[..., HttpResponseBase]

TRACKING: Final = frozenset({"fbclid", "gclid", "yclid"})
TRACKING_PREFIX: Final = "utm_"
AGAINST_CACHES: Final = frozenset({"v", "_"})  # chart tools append them
LONGEST: Final = 60  # letters of what is quoted


def is_tracking(name: str) -> bool:
    """Say whether a parameter only tells where a reader came from."""
    return name in TRACKING or name.startswith(TRACKING_PREFIX)


def quote(text: str) -> str:
    """Return a text of an address as a message may quote it."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:LONGEST])


def without_parameters(view: View) -> View:
    """Let a view that has no parameters answer 400 where one is given, and name it."""
    return _strict(view, frozenset())


def with_language(view: View) -> View:
    """Let a view that has no parameter but `lang` answer 400 to any other, and to a language that there is not."""
    return _strict(view, frozenset({"lang"}))


def _strict(view: View, known: frozenset[str]) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if problems := _problems(request.GET, known):
            text = "".join(f"{sentence}\n" for sentence in problems)
            return HttpResponse(text, content_type="text/plain; charset=utf-8", status=400)
        return view(request, *args, **named)

    return answered


def _problems(query: QueryDict, known: frozenset[str]) -> list[str]:
    problems = [
        gettext("There is no parameter “%(name)s”.") % {"name": quote(name)}
        for name in query
        if name not in known and name not in AGAINST_CACHES and not is_tracking(name)
    ]
    languages = {"", *(code for code, _name in settings.LANGUAGES)}
    if "lang" in known and (wrong := [one for one in query.getlist("lang") if one not in languages]):
        why = gettext("“%(value)s” is not one of the values known here.") % {"value": quote(wrong[0])}
        problems.append(
            gettext("The parameter “%(name)s” cannot be used: %(why)s") % {"name": "lang", "why": why}
        )
    return problems
