"""What goes into an adapter and what comes out of it. Plain Python: no framework is known here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What one reading of one account came to (platforms.md 1)."""

    COUNTED = "counted"
    HIDDEN = "hidden"
    NOT_FOUND = "not_found"
    SUSPENDED = "suspended"
    PRIVATE = "private"
    ERROR = "error"  # about this account only: an answer that makes no sense
    MOVED = "moved"  # the account points to another one; an editor decides


@dataclass(frozen=True)
class Target:
    """An account as an address names it. Either part may be empty, never both."""

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
    observed_at: datetime | None = None  # UTC instant of the answer
    platform_id: str = ""  # what the platform now calls the account
    handle: str = ""
    title: str = ""
    verified: bool | None = None
    detail: str = ""  # a code and the platform's own words, for editors; never a key


class NotAnAccount(ValueError):
    """Text that is not the address of an account.

    `code` says what was seen (tracking.forms owns the sentence): unknown_host, post, video, group, event,
    private_invite, short_link, reserved, bad_handle, empty, needs_platform ...; `seen` is the part that decided.
    """

    def __init__(self, code: str, seen: str) -> None:
        super().__init__(f"{code}: {seen}")
        self.code = code
        self.seen = seen


class PlatformFailure(Exception):
    """The platform could not be read now: says nothing about any account. `detail` never holds a key."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Unavailable(PlatformFailure):
    """5xx, time-out, an answer that cannot be read: back off, try again."""


class Limited(PlatformFailure):
    """The platform asks for patience: everyone pauses until `retry_at` (UTC); None = back off."""

    def __init__(self, code: str, detail: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(code, detail)
        self.retry_at = retry_at


class OurFault(PlatformFailure):
    """A bad token, a lacking permission, quota or credit gone: stop the platform, tell the admins.

    `until` (UTC) where the platform says when it ends by itself (a daily quota), else None.
    """

    def __init__(self, code: str, detail: str = "", until: datetime | None = None) -> None:
        super().__init__(code, detail)
        self.until = until


class Collector(Protocol):
    """One platform. Made with its settings as keyword arguments; holds no state between fetches."""

    platform: str
    batch_size: int

    def parse(self, text: str) -> Target:
        """The account an address, @handle or id names; raises NotAnAccount. Never fetches."""
        ...

    def url(self, target: Target) -> str:
        """The public address of the account, for people."""
        ...

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        """One outcome per target, in the order given; raises PlatformFailure when none can be said."""
        ...
