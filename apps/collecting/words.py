"""Sentences about collecting, the same on the desk, on the status page, in commands and in mails.

Why an account was not collected and what comes next; why a platform is paused, who has to act, what to press and what is
missing meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from apps.collecting.models import Collection, PlatformState
from apps.collecting.reasons import Pause, Trouble
from apps.common.dates import write_moment
from apps.registry.models import Account, AccountState
from apps.registry.platforms import ALL
from apps.snapshots.terms import MONEY

# The variables that hold the platforms' keys.
KEYS = {
    "youtube": "YOUTUBE_API_KEY",
    "x": "X_BEARER_TOKEN",
    "vk": "VK_TOKEN",
    "facebook": "FACEBOOK_TOKEN",
    "instagram": "INSTAGRAM_TOKEN",
    "threads": "THREADS_TOKEN",
    "ok": "OK_APPLICATION_KEY, OK_SECRET_KEY, OK_ACCESS_TOKEN",
    "telegram": "TELEGRAM_BOT_TOKEN",
}
NEW_KEY = (Pause.BAD_TOKEN, Pause.TOKEN_EXPIRED, Pause.NOT_ENABLED, Pause.NOT_CONFIGURED)
NEWER_VERSION = (Pause.BAD_REQUEST, Pause.BROKEN, Pause.UNREADABLE)


# An account


def trouble(code: str, detail: str = "") -> str:
    """Return the sentence for an account's trouble, with the platform's own words behind it; "" for no trouble."""
    if not code:
        return ""
    sentence = str(Trouble(code).label) if code in Trouble else str(Trouble.ERROR.label)
    return (
        gettext("%(sentence)s (%(detail)s)") % {"sentence": sentence, "detail": detail}
        if detail
        else sentence
    )


def why_not_collected(collection: Collection, state: PlatformState | None) -> str:
    """Return why an account has no count of late: its own trouble, else its platform's pause."""
    account = collection.account
    if account.stopped_code:
        return trouble(account.stopped_code, account.stopped_detail)
    if collection.error_code:
        return trouble(collection.error_code, collection.error_detail)
    if state and state.pause_end():
        return pause_reason(state)
    if collection.last_attempt_at is None:
        return gettext("It has not been its turn yet.")
    return gettext("The platform has not been collected lately.")


def next_step(collection: Collection, state: PlatformState | None) -> str:
    """Return what happens next with an account that was not collected."""
    if collection.account.state == AccountState.PAUSED:
        return gettext("Collecting has stopped until an editor decides.")
    at = max(collection.due_at, timezone.now())
    if state and (until := state.pause_end(at)):
        return gettext("It follows when the pause of the platform ends, at %(at)s.") % {
            "at": write_moment(until)
        }
    return gettext("We try again at %(at)s.") % {"at": write_moment(at)}


def trouble_of_account(account: Account) -> str:
    """Return what stands in an account's way, since when, and what comes next; "" where nothing does."""
    collection = getattr(account, "collection", None)
    if account.stopped_code:
        why = trouble(account.stopped_code, account.stopped_detail)
    else:
        why = trouble(collection.error_code, collection.error_detail) if collection else ""
    if not why or collection is None or collection.error_code == Trouble.HELD:
        return why
    last = collection.last_success_at
    since = (
        gettext("Last collected at %(at)s.") % {"at": write_moment(last)}
        if last
        else gettext("Never collected yet.")
    )
    return f"{why} {since} {next_step(collection, None)}"


# A platform


@dataclass(frozen=True)
class PauseText:
    """What a pause is to people, in sentences. `press` is for those who may end it."""

    what: str
    who: str
    missing: str
    press: str
    setting: str = ""  # the name of what has to be changed, for those who run the site alone

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.who, self.missing, self.press) if part)

    @property
    def public(self) -> str:
        """Return it without what only those who run the site can press."""
        return " ".join(part for part in (self.what, self.who, self.missing) if part)

    @property
    def for_operators(self) -> str:
        """Return the whole of it, with the name of the setting: editors have no use for that."""
        if not self.setting:
            return str(self)
        return f"{self} " + gettext("Setting: %(setting)s.") % {"setting": self.setting}


def pause_reason(state: PlatformState) -> str:
    """Return what has paused the platform; none of the platform's own words."""
    return str(_code(state.pause_code).label)


def pause(state: PlatformState) -> PauseText:
    """Return the sentences for a pause that stands."""
    waiting = Collection.objects.filter(
        account__platform=state.platform, account__state=AccountState.ACTIVE, due_at__lte=state.paused_until
    )
    return pause_text(state.platform, state.pause_code, state.paused_until, waiting.count())


def pause_text(platform: str, code: str, until: datetime | None, missing: int) -> PauseText:
    """Return the sentences for a pause: `until` (UTC) when it is tried again, `missing` accounts wait until then."""
    left = (
        ngettext(
            "Until then, %(count)d account on the platform is not collected; its last count is shown.",
            "Until then, %(count)d accounts on the platform are not collected; their last counts are shown.",
            missing,
        )
        % {"count": missing}
        if missing
        else ""
    )
    press = gettext("To try now, press “End the pause” under States of platforms on the desk.")
    reason = _code(code)
    setting = KEYS.get(platform, "") if reason in NEW_KEY else ""
    setting = MONEY[platform] if reason == Pause.MONEY_CAP else setting
    return PauseText(str(reason.label), _who(platform, reason, until), left, press, setting)


def _code(code: str) -> Pause:
    return Pause(code) if code in Pause else Pause.UNREADABLE


def _who(platform: str, code: Pause, until: datetime | None) -> str:
    """Return who has to act, or that nobody has."""
    named = {"until": write_moment(until or timezone.now())}
    if code in NEW_KEY and platform in KEYS:
        return gettext("People who run this site must give it a new key. We try a new key at once.")
    if code == Pause.NO_PERMISSION:
        return gettext(
            "People who run this site must get the permission from the platform and then end the pause."
        )
    if code == Pause.CREDIT:
        return gettext("People who run this site must add credit at the platform and then end the pause.")
    if code == Pause.MONEY_CAP:
        return (
            gettext(
                "Collecting continues at %(until)s. To continue earlier, people who run this site must raise the day's "
                "limit and then end the pause."
            )
            % named
        )
    if code in NEWER_VERSION:
        return (
            gettext(
                "We try again at %(until)s. If that fails too, people who run this site should look for a newer version."
            )
            % named
        )
    return gettext("We try again at %(until)s; nobody has to do anything.") % named


def say_pause(state: PlatformState, *, is_public: bool = False) -> str:
    """Return the whole of it: which platform, until when, why, who has to act, what is missing, what to press."""
    text = pause(state)
    return gettext("%(platform)s is paused until %(until)s. %(why)s") % {
        "platform": ALL[state.platform].label,
        "until": write_moment(state.paused_until or timezone.now()),
        "why": text.public if is_public else text,
    }
