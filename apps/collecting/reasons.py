"""Codes, with a sentence each, for why an account was not collected and why a platform is paused.

The platform's own words are kept beside the code as a detail, for editors.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Trouble(TextChoices):
    """What stands in the way of an account's count."""

    NOT_FOUND = (
        "not_found",
        _("Nothing is found under this address. It may have been renamed, deleted or never have existed."),
    )
    HELD = (
        "held",
        _("The last count is held: it is too different from the one before. Decide it under held counts."),
    )
    OTHER_ID = (
        "other_id",
        _("The handle now belongs to another account. Collecting has stopped: is this still the same page?"),
    )
    SAME_AS = "same_as", _("The platform says that this is the same account as another one that is tracked.")
    MOVED = "moved", _("The account points to a new one. Follow it only if you know that it is the same.")
    PERSON = "person", _("This is the address of a person, and the platform gives no count for a person.")
    BOT = "bot", _("This is the address of a bot. A bot has monthly users, not followers.")
    GROUP = "group", _("This is the address of a group, and only pages and channels are counted here.")
    NOT_A_CHANNEL = "not_a_channel", _("This is not the address of a channel or a public group.")
    NOT_A_GROUP = (
        "not_a_group",
        _("This is not the address of a group, and the platform counts only the members of groups."),
    )
    BAD_HANDLE = "bad_handle", _("The platform cannot have an account of this name. Check the address.")
    SERVER_ERROR = (
        "server_error",
        _("The platform answers with an error of its own when this account is requested."),
    )
    TIMEOUT = "timeout", _("The platform does not answer in time when this account is requested.")
    CONNECTION = "connection", _("The server of this account cannot be reached.")
    RATE = "rate", _("The platform asks us to wait when this account is requested.")
    REFUSED = "refused", _("The platform refuses to answer for this account.")
    NO_PERMISSION = "no_permission", _("The platform does not let our key see this account.")
    BAD_TOKEN = "bad_token", _("The platform rejects our key when this account is requested.")
    GUESTS_REFUSED = "guests_refused", _("The server of this account answers only people who have signed in.")
    NO_ANSWER = "no_answer", _("The platform left this account out of its answer.")
    NO_COUNT = "no_count", _("The page of this account shows no count.")
    UNKNOWN_TEXT = "unknown_text", _("The page shows the count in words that we do not know.")
    NOT_A_COUNT = "not_a_count", _("The platform's answer has no number in the place of the count.")
    NOT_HOME = (
        "not_home",
        _("The server has only a copy of this account. Give the address on its own server."),
    )
    PRIVATE_ADDRESS = "private_address", _("The server of this account is not on the public internet.")
    BROKEN = "broken", _("Our own program fails on the platform's answer for this account.")
    ERROR = "error", _("The platform's answer makes no sense; it will be asked again.")


# Troubles that the address itself is: asking again within the hour changes nothing.
LASTING = (
    Trouble.PERSON,
    Trouble.BOT,
    Trouble.GROUP,
    Trouble.NOT_A_CHANNEL,
    Trouble.NOT_A_GROUP,
    Trouble.BAD_HANDLE,
    Trouble.NOT_HOME,
    Trouble.PRIVATE_ADDRESS,
)

# Failures of a request that mean the same for the one account they are about.
SAME_TROUBLE = {
    "bad_id": Trouble.BAD_HANDLE,
    "bad_request": Trouble.REFUSED,
    "token_expired": Trouble.BAD_TOKEN,
    "not_enabled": Trouble.BAD_TOKEN,
    "credit": Trouble.BAD_TOKEN,
    "quota": Trouble.RATE,
    "window": Trouble.RATE,
}


class Pause(TextChoices):
    """What has paused a platform."""

    RATE = "rate", _("The platform asks us to wait: it was asked too often.")
    WINDOW = "window", _("The platform allows no more requests at the moment.")
    QUOTA = "quota", _("The number of requests that the platform allows us is used up.")
    DAY_BUDGET = "day_budget", _("Today's requests to the platform are used up.")
    MONEY_CAP = "money_cap", _("The money set aside for the platform today is spent.")
    CREDIT = "credit", _("Our credit with the platform is used up.")
    BAD_TOKEN = "bad_token", _("The platform rejects our key.")
    TOKEN_EXPIRED = "token_expired", _("Our key for the platform has expired.")
    NO_PERMISSION = "no_permission", _("Our key has no permission to see accounts on the platform.")
    NOT_ENABLED = "not_enabled", _("The platform's interface is not switched on for our key.")
    NOT_CONFIGURED = "not_configured", _("The key for the platform is missing.")
    BAD_REQUEST = "bad_request", _("The platform does not accept our way of asking.")
    SERVER_ERROR = "server_error", _("The platform has an error of its own.")
    TIMEOUT = "timeout", _("The platform does not answer in time.")
    CONNECTION = "connection", _("The platform cannot be reached.")
    BROKEN = "broken", _("Our own program fails on the platform's answers.")
    UNREADABLE = "unreadable", _("The platform's answers make no sense.")


# Pauses that a new key may end: they remember the key that was rejected.
BLAMES_KEY = (
    Pause.BAD_TOKEN,
    Pause.TOKEN_EXPIRED,
    Pause.NO_PERMISSION,
    Pause.NOT_ENABLED,
    Pause.NOT_CONFIGURED,
    Pause.QUOTA,
    Pause.CREDIT,
)


def trouble_of(kind: str, detail: str) -> tuple[Trouble, str]:
    """Return code and detail of what a reading came to; `detail` begins with the adapter's own code."""
    if kind in (Trouble.NOT_FOUND, Trouble.HELD):
        return Trouble(kind), detail
    code, _colon, rest = detail.partition(": ")
    if code in SAME_TROUBLE:
        return SAME_TROUBLE[code], rest or code
    if code in Trouble:
        return Trouble(code), rest
    return Trouble.ERROR, detail


def pause_of(code: str, detail: str) -> tuple[Pause, str]:
    """Return code and detail of a failure that pauses a platform."""
    if code in Pause:
        return Pause(code), detail
    return Pause.UNREADABLE, f"{code}: {detail}" if detail else code
