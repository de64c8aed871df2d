"""Sentences for the troubles of an account."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

TROUBLES: dict[str, str | Promise] = {
    "not_found": _(
        "Nothing is found under this address. It may have been renamed, deleted or never have existed."
    ),
    "error": _("The platform's answer makes no sense; it will be asked again."),
    "held": _(
        "The last count is held: it is too different from the one before. Decide it under held counts."
    ),
    "other_id": _(
        "The handle now belongs to another account. Collecting has stopped: is this still the same page?"
    ),
    "same_as": _("The platform says that this is the same account as another one that is tracked."),
    "moved": _("The account points to a new one. Follow it only if you know that it is the same."),
}


def trouble(code_and_detail: str) -> str:
    """The sentence for an account's last error, with the platform's own words behind it."""
    code, _colon, detail = code_and_detail.partition(": ")
    if code == "stopped":
        code, _colon, detail = detail.partition(": ")
    sentence = TROUBLES.get(code)
    if sentence is None:
        return code_and_detail
    if detail:
        return gettext("%(sentence)s (%(detail)s)") % {"sentence": sentence, "detail": detail}
    return str(sentence)
