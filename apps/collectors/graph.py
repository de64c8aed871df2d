"""Batches and error objects of Meta's Graph API, shared by its platforms.

https://developers.facebook.com/docs/graph-api/batch-requests, .../guides/error-handling. The HTTP status says little:
`code` and `error_subcode` do.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.collectors.http import Answer, Api, wait_until
from apps.collectors.outcomes import dig, number, objects, other_outcome, word
from apps.collectors.types import Kind, Limited, OurFault, Outcome, PlatformFailure, Target, Unavailable

VERSION: Final = "v26.0"
BATCH: Final = 50  # operations in one request
LIMITS: Final = (
    4,
    17,
    32,
    613,
    *range(80000, 80015),
)  # of the app, the user, the page, custom, business use cases
EXPIRED: Final = 463
USAGE: Final = "x-business-use-case-usage"
APP_USAGE: Final = "x-app-usage"
NEARLY_ALL: Final = 90  # percent; the last tenth is left for what people do by hand
REST: Final = timedelta(minutes=15)  # the hour that is counted rolls on meanwhile


@dataclass(frozen=True)
class Error:
    """A Graph error object."""

    code: int
    subcode: int
    said: str


@dataclass(frozen=True)
class OperationAnswer:
    """The answer to one operation of a batch."""

    body: object
    at: datetime
    headers: Mapping[str, str]


# What one operation came to: an outcome, or a failure that is not about the account
Read = Callable[[Target, OperationAnswer], Outcome]


def error_of(api: Api, body: object) -> Error | None:
    error = dig(body, "error")
    if error is None:
        return None
    code, subcode = dig(error, "code"), dig(error, "error_subcode")
    return Error(
        code if isinstance(code, int) else 0,
        subcode if isinstance(subcode, int) else 0,
        api.words(dig(error, "message")) or api.words(dig(error, "error_user_msg")),
    )


def failure_of(error: Error, headers: Mapping[str, str], at: datetime) -> PlatformFailure | None:
    """Return the failure of the platform or of ours that an error means; None where it is about what was asked for."""
    said = f"({error.code}/{error.subcode}) {error.said}"
    if error.code in (190, 102):
        return OurFault("token_expired" if error.subcode == EXPIRED else "bad_token", said)
    if error.code in LIMITS:
        return Limited("rate", said, retry_time(headers, at))
    if error.code == 10 or 200 <= error.code <= 299:
        return OurFault("no_permission", said)
    if error.code in (1, 2):
        return Unavailable("server_error", said)
    return None


def retry_time(headers: Mapping[str, str], at: datetime) -> datetime | None:
    """Return when access comes back, by the longest of the minutes in X-Business-Use-Case-Usage; None if it is not
    said."""
    minutes = max(
        (_figure(case, "estimated_time_to_regain_access") for case in _use_cases(headers)), default=0
    )
    return wait_until(at + timedelta(minutes=min(minutes, 10_000)), at) if minutes else None


def rest_until(headers: Mapping[str, str], at: datetime) -> datetime | None:
    """Return until when nothing more is asked, by the usage headers of a good answer; None while enough is left.

    X-App-Usage and X-Business-Use-Case-Usage tell percents; the latter also the minutes until access comes back.
    """
    regained = retry_time(headers, at)
    used = max(
        _figure(case, name)
        for case in (_usage(headers, APP_USAGE), *_use_cases(headers))
        for name in ("call_count", "total_time", "total_cputime")
    )
    return regained or (at + REST if used >= NEARLY_ALL else None)


def _use_cases(headers: Mapping[str, str]) -> list[dict[str, object]]:
    usage = _usage(headers, USAGE)
    return [case for group in usage.values() for case in objects(group)] if isinstance(usage, dict) else []


def _usage(headers: Mapping[str, str], name: str) -> object:
    try:
        return json.loads(headers.get(name, ""))
    except (ValueError, RecursionError):
        return None


def _figure(case: object, name: str) -> int:
    return number(dig(case, name)) or 0


def batch(api: Api, token: str, targets: Sequence[Target], paths: Sequence[str], read: Read) -> list[Outcome]:
    """Send one request for up to 50 operations, in order; the token goes in the body, not in the address.

    What fails beside answers is an error of that one account. Where no operation got an answer, or one met a limit or
    a refused token, the failure is raised: `each` says what it comes to for the accounts if others are answered.
    """
    operations = [{"method": "GET", "relative_url": path} for path in paths]
    answer = api.post(f"/{VERSION}/", {"access_token": token, "batch": json.dumps(operations)})
    parts = _parts(api, answer, len(targets))
    for headers in (answer.headers, *(part.headers for part in parts)):
        api.rest(rest_until(headers, answer.at))
    outcomes: list[Outcome] = []
    refused: list[tuple[Target, datetime, PlatformFailure]] = []
    for target, part in zip(targets, parts, strict=True):
        error = error_of(api, part.body)
        failure = failure_of(error, part.headers, part.at) if error else None
        if failure is None:
            outcomes.append(read(target, part))
        else:
            refused.append((target, part.at, failure))
    errors = [other_outcome(target, Kind.ERROR, at, str(failure)) for target, at, failure in refused]
    for _, _, failure in refused:
        if not outcomes or isinstance(failure, Limited) or failure.code in ("bad_token", "token_expired"):
            failure.outcomes = tuple(outcomes)
            failure.asked, failure.each = tuple(target for target, _, _ in refused), tuple(errors)
            raise failure
    return [*outcomes, *errors]


def _parts(api: Api, answer: Answer, expected: int) -> list[OperationAnswer]:
    body = answer.json_or_check()
    error = error_of(api, body)
    if error:
        failure = failure_of(error, answer.headers, answer.at)
        if failure is None:
            answer.check()
            failure = OurFault("bad_request", error.said)
        raise failure
    answer.ok()
    if not isinstance(body, list) or len(body) != expected:
        raise Unavailable("bad_shape", "not as many answers as questions")
    return [_part(item, answer) for item in body]


def _part(item: object, answer: Answer) -> OperationAnswer:
    """Read one operation's answer; its body is JSON in a string. None at its place: it was not done in time."""
    named = {
        word(dig(header, "name")).lower(): word(dig(header, "value"))
        for header in objects(dig(item, "headers"))
    }
    headers = {USAGE: answer.headers.get(USAGE, ""), **named}
    try:
        body = json.loads(word(dig(item, "body")))
    except (ValueError, RecursionError):
        body = {"error": {"code": 2, "message": "no answer to this operation"}}
    return OperationAnswer(body, answer.at, headers)
