"""Asking a platform: every way in which no usable answer comes is a PlatformFailure, and no key is in it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self

from apps.collectors.types import Limited, OurFault, Outcome, Unavailable
from apps.common import http

LONGEST_WAIT: Final = timedelta(days=1)  # whatever a platform asks for, it is tried again after a day
WORDS_LENGTH: Final = 200
MOST_PARTS: Final = 30_000  # of a JSON answer; the largest that is asked for, 500 of VK, has some 6,000

IMPATIENCE: Final = 3.0  # seconds of silence, while the one that does not answer is looked for among many

_patience: ContextVar[float | None] = ContextVar("patience", default=None)
_before: ContextVar[Callable[[], None]] = ContextVar("before_each_request", default=lambda: None)


@contextmanager
def before_each_request(call: Callable[[], None]) -> Iterator[None]:
    """Call `call` before every request within this: it may sleep to keep the pace, or raise a PlatformFailure."""
    token = _before.set(call)
    try:
        yield
    finally:
        _before.reset(token)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Treat an answer that does not begin after so many seconds, or falls silent for them, as a time-out within this."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def impatience() -> AbstractContextManager[None]:
    """Treat an answer that does not begin after IMPATIENCE seconds as a time-out within this."""
    return patience(min(IMPATIENCE, _patience.get() or http.PHASE_SECONDS))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime  # UTC

    def json(self) -> object:
        """Return the body as JSON; raises Unavailable for anything that is none, however it is malformed.

        Numbers longer than Python converts, nesting deeper than it follows, NaN and broken UTF-8 are not JSON here.
        An answer of a great many tiny parts is too large: as objects it would be 25 times what it is as text.
        """
        if sum(self.body.count(mark) for mark in (b",", b"[", b"{")) > MOST_PARTS:
            raise Unavailable("too_large", f"more than {MOST_PARTS} parts")
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            seen = type(error).__name__
        raise Unavailable("not_json", f"HTTP {self.status}, {seen}")

    def json_or_check(self) -> object:
        """Return the body as JSON, for platforms that say in it what is wrong; where it is none, what the status says."""
        try:
            return self.json()
        except Unavailable:
            self.check()
            raise

    def text(self) -> str:
        """Return the body as text; what is no UTF-8 becomes a replacement mark."""
        return self.body.decode("utf-8", errors="replace")

    def check(self) -> Self:
        """Return itself, unless the status says that the platform cannot answer now (5xx, 429, a redirect):
        PlatformFailure."""
        if self.status >= 500:
            raise Unavailable("server_error", f"HTTP {self.status}")
        if self.status == 429:
            raise Limited("rate", "HTTP 429", self.retry_at())
        if 300 <= self.status < 400:
            raise Unavailable("redirect", f"HTTP {self.status}")
        return self

    def ok(self) -> Self:
        """Return itself with status 200; every other status is a PlatformFailure."""
        self.check()
        if self.status != 200:
            raise Unavailable("refused", f"HTTP {self.status}")
        return self

    def retry_at(self) -> datetime | None:
        """Return when Retry-After (seconds or a date) lets us ask again, at most a day from now; None if it does not
        say."""
        value = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", value):
            return wait_seconds(int(value), self.at)
        if re.fullmatch(r"[0-9]+", value):
            return self.at + LONGEST_WAIT
        try:
            asked = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        return wait_until(asked if asked.tzinfo else asked.replace(tzinfo=UTC), self.at)

    def window_end(self, prefix: str) -> datetime | None:
        """Return when the window begins anew of which this request was the last, by PREFIX-remaining and PREFIX-reset.

        None while something is left of it, and where the headers do not say.
        """
        left = self.headers.get(f"{prefix}-remaining", "").strip()
        return self.reset_at(prefix) if re.fullmatch(r"-?[0-9]{1,18}", left) and int(left) <= 0 else None

    def reset_at(self, prefix: str) -> datetime | None:
        """Return the instant in PREFIX-reset, Unix seconds or ISO 8601, at most a day from now; None if it is past or
        none."""
        value = self.headers.get(f"{prefix}-reset", "").strip()
        reset = unix_time(value) or iso_time(value)
        return wait_until(reset, self.at) if reset and reset > self.at else None


class Connection:
    """Hold a client open for the length of a `with`."""

    _client: http.Client

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)


class Api(Connection):
    """One open connection to a platform for one fetch. `secrets` are struck out of everything that is passed on.

    `rest` and `finish` obey a platform that says with a good answer that nothing more may be asked.
    """

    def __init__(
        self,
        base: str,
        contact: str,
        *,
        headers: dict[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        public_only: bool = False,
    ) -> None:
        self._base = base.rstrip("/")
        self._headers = headers or {}
        self._secrets = tuple(secret for secret in secrets if secret)
        for secret in self._secrets:
            # A key pasted with a line break would fail inside the client, in an error that quotes it.
            if not re.fullmatch(r"[\x21-\x7e]+", secret):
                raise OurFault("bad_token", "the key holds characters that no key has")
        self._client = http.Client(contact, phase_seconds=_patience.get(), public_only=public_only)
        self._resting: dict[str, datetime] = {}  # base address -> when it may be asked again (UTC)

    def get(
        self,
        path: str,
        params: list[tuple[str, str]] | None = None,
        *,
        follow: bool = False,
        base: str | None = None,
    ) -> Answer:
        """Return what stands at the path (already percent-encoded); `follow` obeys redirects on the same host."""
        return self._send("GET", path, params=params, follow=follow, base=base)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        return self._send("POST", path, form=form)

    def rest(self, until: datetime | None, base: str | None = None) -> None:
        """Let no request go out until then: it raises Limited instead. None: nothing stands in the way."""
        if until is not None:
            place = self._place(base)
            self._resting[place] = max(until, self._resting.get(place, until))

    def finish(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the outcomes of a whole fetch; where nothing is left to ask with, Limited that carries them all."""
        try:
            self._check_rest(self._base)
        except Limited as limited:
            limited.outcomes = tuple(outcomes)
            raise
        return list(outcomes)

    def _place(self, base: str | None) -> str:
        return self._base if base is None else base.rstrip("/")

    def _check_rest(self, place: str) -> None:
        until = self._resting.get(place)
        if until is not None:
            raise Limited("window", "nothing is left of it", until)

    def words(self, value: object, limit: int = WORDS_LENGTH) -> str:
        """Return the platform's own words, fit to be kept: text only, no keys, no control characters."""
        text = printable(value, 4 * limit)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text[:limit]

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: list[tuple[str, str]] | None = None,
        form: dict[str, str] | None = None,
        follow: bool = False,
        base: str | None = None,
    ) -> Answer:
        place = self._place(base)
        self._check_rest(place)
        _before.get()()
        address = place + path
        try:
            got = self._client.send(
                method, address, params=params, form=form, headers=self._headers, follow=follow
            )
        except http.Failed as failed:
            failure = Unavailable(failed.code, self.words(failed.detail))
        else:
            return Answer(got.status, got.headers, got.body, got.at)
        raise failure


def wait_seconds(seconds: float, now: datetime) -> datetime:
    """Return `now` plus the seconds a platform asks for, never in the past, never more than a day ahead."""
    return now + timedelta(seconds=min(max(seconds, 0), LONGEST_WAIT.total_seconds()))


def wait_until(asked: datetime, now: datetime) -> datetime:
    """Return the instant a platform asks to wait for, never in the past, never more than a day ahead."""
    return min(max(asked, now), now + LONGEST_WAIT).astimezone(UTC)


def unix_time(value: str) -> datetime | None:
    """Return an instant as Unix seconds in a header; None if it is none."""
    return datetime.fromtimestamp(int(value), UTC) if re.fullmatch(r"[0-9]{1,10}", value.strip()) else None


def iso_time(value: str) -> datetime | None:
    """Return an instant as ISO 8601 in a header, UTC where no zone is said; None if it is none."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def printable(value: object, limit: int) -> str:
    """Return a string without what a database or a page cannot hold; "" for what is no string."""
    if not isinstance(value, str):
        return ""
    # Half a surrogate pair cannot be encoded, NUL cannot be stored.
    text = value[: 8 * limit].encode("utf-8", errors="ignore").decode("utf-8")
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())[:limit]


def _no_constant(name: str) -> float:
    raise ValueError(name)
