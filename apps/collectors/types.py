"""Input and output types of adapters. Plain Python: no framework is known here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What one reading of one account came to (docs/platforms.md)."""

    COUNTED = "counted"
    HIDDEN = "hidden"
    NOT_FOUND = "not_found"
    SUSPENDED = "suspended"
    PRIVATE = "private"
    ERROR = "error"  # about this account only: an answer that makes no sense
    MOVED = "moved"  # the account points to another one, `detail` is "moved_to: ID"; an editor decides


@dataclass(frozen=True)
class Target:
    """An account as an address names it. Either part may be empty, never both.

    How the parts are written, where it is not plain: YouTube's old addresses are "user/NAME" and "c/NAME" (a slash
    is in no handle); a Mastodon handle is "name@host" and its id "NUMBER@host" of the server that holds it; a VK id has the sign of its kind, "-1"
    a community and "1" a person; an OK id is a group's, a person there is the handle "profile/NUMBER"; a WhatsApp
    code is a handle whose case counts.
    """

    platform: str
    handle: str = ""  # as shown, without @; compared without case
    platform_id: str = ""  # the platform's stable id, where it has one


@dataclass(frozen=True)
class Outcome:
    """What the platform said of one target. Only `counted` carries a number."""

    target: Target
    kind: Kind
    followers: int | None = None
    precision: str = "exact"  # exact | 3sf | abbrev
    observed_at: datetime | None = None  # UTC instant of the answer; None where nothing was asked
    platform_id: str = ""  # what the platform now calls the account; "" where it does not say
    handle: str = ""
    title: str = ""
    verified: bool | None = None
    detail: str = ""  # a code and the platform's own words, for editors; never a key


class Refusal(StrEnum):
    """Why a text is not the address of an account: the closed set of NotAnAccount's codes."""

    EMPTY = "empty"  # nothing was pasted
    NEEDS_PLATFORM = "needs_platform"  # a bare name: of which platform?
    UNKNOWN_HOST = "unknown_host"  # no platform's address, or another platform's than the one asked for
    POST = "post"  # one post, photo, story or article
    VIDEO = "video"  # one video, reel or stream
    PLAYLIST = "playlist"
    GROUP = "group"  # a group or list of people, not a page
    EVENT = "event"
    SEARCH = "search"  # results, a hashtag, an explore page
    PRIVATE_INVITE = "private_invite"  # an invitation to something that is not public
    SHORT_LINK = "short_link"  # a link that hides where it leads: only opening it would tell
    PHONE = "phone"  # a chat with a phone number
    RESERVED = "reserved"  # a page of the platform itself: its home, settings, help
    BAD_HANDLE = "bad_handle"  # where the name should be stands something no name can be
    BAD_ID = "bad_id"  # where the id should be stands something no id can be


@dataclass(frozen=True)
class Lane:
    """With whom a target is asked for: targets of one lane share requests of up to `most` accounts.

    `server` is set where there are many servers, each with its own failures and pauses.
    """

    name: str
    most: int
    server: str = ""


class NotAnAccount(ValueError):
    """Text that is not the address of an account.

    `code` is one of Refusal (tracking.forms owns the sentence); `seen` is the part that decided, at most 100 characters.
    """

    def __init__(self, code: Refusal, seen: str) -> None:
        super().__init__(f"{code}: {seen[:100]}")
        self.code = code
        self.seen = seen[:100]


class PlatformFailure(Exception):
    """No usable answer came: the platform cannot be read now, or one of those that were asked for is at fault.

    `outcomes` are the answers got before it happened (a batch read one by one fails in the middle): they hold and are
    recorded. `asked` are the targets of the request that failed; culprits.py finds out which of them it was, or that
    it was the platform. `each` is what these come to if it was not the platform, where the answer says it of each by
    itself. `detail` never holds a key.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.outcomes: tuple[Outcome, ...] = ()
        self.asked: tuple[Target, ...] = ()
        self.each: tuple[Outcome, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Tell whether no account can be its cause: nothing was asked, for want of a key or as no request is left."""
        return self.code in CERTAIN


CERTAIN = ("not_configured", "window", "day_budget")


class Unavailable(PlatformFailure):
    """5xx, time-out, an answer that cannot be read: back off, try again.

    Codes: server_error, timeout, connection, truncated, too_large, encoding, redirect, refused (an HTTP status no table
    has), not_json, bad_shape, broken (our own program fails on the answer).
    """


class Limited(PlatformFailure):
    """The platform asks for patience: everyone pauses until `retry_at` (UTC); None = back off.

    Codes: rate, window (our own pace, or a good answer said that it was the last for now).
    """

    def __init__(self, code: str, detail: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(code, detail)
        self.retry_at = retry_at


class OurFault(PlatformFailure):
    """A bad token, a lacking permission, quota or credit gone: stop the platform, tell the admins.

    `until` (UTC) where the platform says when it ends by itself (a daily quota), else None.
    Codes: not_configured, bad_token, token_expired, no_permission, not_enabled, quota, credit, bad_request, day_budget.
    """

    def __init__(self, code: str, detail: str = "", until: datetime | None = None) -> None:
        super().__init__(code, detail)
        self.until = until


class Collector(Protocol):
    """One platform. Made with its settings and `contact` as keyword arguments; holds no state between fetches."""

    platform: str
    batch_size: int
    probe: Target | None  # an account that is always there and needs no permission; None where there is none

    @property
    def is_configured(self) -> bool:
        """Tell whether the credentials it needs are there; without them fetch raises OurFault("not_configured")."""
        ...

    @property
    def source(self) -> str:
        """Return the key (platforms.SOURCES) of the source its numbers come from."""
        ...

    def parse(self, text: str) -> Target:
        """Return the account an address, @handle or id names; raises NotAnAccount. Never fetches."""
        ...

    def url(self, target: Target) -> str:
        """Return the public address of the account, for people."""
        ...

    def lane(self, target: Target) -> Lane:
        """Say with whom the target is asked for, and how many go together."""
        ...

    def requests(self, targets: Sequence[Target]) -> int:
        """Return the most requests that reading these may take: what a budget sets aside before it."""
        ...

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        """Return one outcome per target, in the order given; raises PlatformFailure (with the answers got until then)."""
        ...
