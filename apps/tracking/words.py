"""What codes mean, in sentences for editors."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.collectors.types import NotAnAccount, Refusal

NOT_A_COUNT: dict[str, str | Promise] = {
    "empty": _("Write the count."),
    "shape": _(
        "“%(seen)s” is not a number that can be read without guessing. Write 76 012, 76K or 76,0 тыс."
    ),
    "unit": _("“%(seen)s” is not known as a unit. Use K, M, тыс., млн or мың."),
    "lone_unit": _("“%(seen)s” alone may be thousand or million. Write тыс., мың, млн, K or M."),
    "fraction": _("“%(seen)s” has a fraction but no unit. Write 76,5 тыс. or 76500."),
    "mark": _(
        "“%(seen)s” may be thousands or a fraction of a thousand. Write the digits alone, or one figure after the comma."
    ),
    "percent": _("“%(seen)s” is a percentage, not a count."),
    "negative": _("“%(seen)s” is negative. A count of followers never is: is it a change?"),
    "power": _("“%(seen)s” is shown in powers of ten and has lost its last figures. Write all of them."),
    "range": _("“%(seen)s” is a range. Write one number, with “more than” or “about” where it needs one."),
    "letter": _("“%(seen)s” has a letter among the digits."),
    "footnote": _("A footnote hangs on this number (“%(seen)s”): look at it, then write the digits alone."),
    "large": _("“%(seen)s” is more than there are people."),
}


NOT_AN_ACCOUNT: dict[Refusal, str | Promise] = {
    Refusal.EMPTY: _("Paste the address of a page, channel or profile."),
    Refusal.NEEDS_PLATFORM: _(
        "“%(seen)s” is a name without a platform. Choose the platform, or paste the whole address."
    ),
    Refusal.UNKNOWN_HOST: _(
        "“%(seen)s” is not an address of the platform, or of any platform that is known here."
    ),
    Refusal.POST: _(
        "This is the address of a single post (“%(seen)s”). Paste the address of the page that published it."
    ),
    Refusal.VIDEO: _(
        "This is the address of a single video (“%(seen)s”). Paste the address of the channel or profile."
    ),
    Refusal.PLAYLIST: _("This is the address of a playlist (“%(seen)s”). Paste the address of the channel."),
    Refusal.GROUP: _("This is a group (“%(seen)s”), not a page. Paste the address of the page or profile."),
    Refusal.EVENT: _("This is an event (“%(seen)s”). Paste the address of the page that holds it."),
    Refusal.SEARCH: _(
        "This is a page of results (“%(seen)s”). Open the account there and paste its own address."
    ),
    Refusal.PRIVATE_INVITE: _(
        "This is an invitation to something private (“%(seen)s”). Only public pages can be tracked."
    ),
    Refusal.SHORT_LINK: _(
        "This short link (“%(seen)s”) hides where it leads. Open it, and paste the address you arrive at."
    ),
    Refusal.PHONE: _(
        "This is a chat with a phone number (“%(seen)s”). Paste the address of a public channel."
    ),
    Refusal.RESERVED: _("“%(seen)s” is a page of the platform itself. Paste the address of the account."),
    Refusal.BAD_HANDLE: _("“%(seen)s” cannot be a name on this platform. Look at the address again."),
    Refusal.BAD_ID: _("“%(seen)s” cannot be an id on this platform. Look at the address again."),
}


def not_an_account(refused: NotAnAccount) -> str:
    """What was pasted, and what to paste instead."""
    return str(NOT_AN_ACCOUNT[refused.code]) % {"seen": refused.seen}


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
