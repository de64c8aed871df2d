"""Sentences for what is pasted and names no account."""

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.collectors.types import NotAnAccount, Refusal
from apps.common.tables import write_date
from apps.registry.models import Impostor, active_language
from apps.registry.texts import in_language

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
    """Return what was pasted, and what to paste instead."""
    return str(NOT_AN_ACCOUNT[refused.code]) % {"seen": refused.seen}


def impostor_words(impostor: Impostor) -> str:
    """Warn of an account that somebody has called false: who said so, and when."""
    who = in_language(impostor.said_by, active_language())
    if impostor.day:
        return gettext("Warning: %(account)s has been called false (%(who)s, %(day)s).") % {
            "account": impostor,
            "who": who,
            "day": write_date(impostor.day, impostor.span),
        }
    return gettext("Warning: %(account)s has been called false (%(who)s).") % {
        "account": impostor,
        "who": who,
    }


def waiting_words(count: int) -> str:
    """Say how many proposed addresses wait for an editor."""
    return ngettext(
        "%(count)d proposed address waits for an editor.",
        "%(count)d proposed addresses wait for an editor.",
        count,
    ) % {"count": count}
