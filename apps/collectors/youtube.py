"""YouTube channels, by the Data API: https://developers.google.com/youtube/v3/docs/channels/list.

One unit of quota a call, whatever the number of ids: a handle is asked for once, from then on the id in batches of 50.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Answer, Api
from apps.collectors.outcomes import (
    Facts,
    count_outcome,
    dig,
    fit,
    gather,
    halve,
    objects,
    other_outcome,
    word,
)
from apps.collectors.types import (
    Kind,
    Lane,
    Limited,
    NotAnAccount,
    OurFault,
    Outcome,
    Refusal,
    Target,
    Unavailable,
)

HOSTS: Final = ("youtube.com", "youtubekids.com")
OTHERS: Final = ("youtu.be", "www.youtu.be")
ID: Final = re.compile(r"UC[A-Za-z0-9_-]{22}")
# Handles of some scripts may be shorter than the three characters that Latin ones have.
HANDLE: Final = re.compile(r"[A-Za-z0-9_.\-·]{3,30}|(?=[^\x00-\x7f]|.+[^\x00-\x7f])[\w.\-·]{1,30}")
OLD_NAME: Final = re.compile(r"[\w.\-·]{1,100}")
RESERVED: Final = {
    **words(Refusal.VIDEO, "watch shorts live clip embed v e"),
    **words(Refusal.PLAYLIST, "playlist"),
    **words(Refusal.POST, "post community"),
    **words(Refusal.SEARCH, "results hashtag feed gaming trending explore"),
    **words(
        Refusal.RESERVED,
        "about account redirect attribution_link browse premium t ads creators jobs press howyoutubeworks "
        "channel_switcher signin upload oops new kids static reporthistory feeds subscribe_embed iframe_api "
        "subscription_center ytscreeningroom",
    ),
}
PACIFIC: Final = ZoneInfo("America/Los_Angeles")


def parse(text: str) -> Target:
    """Return the channel an address, @handle or id names; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS, OTHERS)
    if address is None:
        if ID.fullmatch(name):
            return Target("youtube", platform_id=name)
        return _handle(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.VIDEO, address.seen)
    first, second = address.part(0), address.part(1)
    if first.startswith("@"):
        return _handle(first)
    if first == "channel":
        if not ID.fullmatch(second):
            raise NotAnAccount(Refusal.BAD_ID, second or address.seen)
        return Target("youtube", platform_id=second)
    if first in ("c", "user"):
        return Target("youtube", handle=f"{first}/{name_or_refuse(second, OLD_NAME)}")
    refuse_reserved(address, RESERVED)
    if ID.fullmatch(first):
        return Target("youtube", platform_id=first)
    return Target("youtube", handle=f"c/{name_or_refuse(first, OLD_NAME)}")


def url(target: Target) -> str:
    if target.platform_id:
        return f"https://www.youtube.com/channel/{quote(target.platform_id, safe='')}"
    if target.handle.startswith(("c/", "user/")):
        return f"https://www.youtube.com/{quote(target.handle)}"
    return f"https://www.youtube.com/@{quote(target.handle, safe='')}" if target.handle else ""


def _handle(name: str) -> Target:
    return Target("youtube", handle=name_or_refuse(name, HANDLE))


class YouTube:
    platform = "youtube"
    batch_size = 50
    probe: Target | None = Target("youtube", platform_id="UC_x5XG1OV2P6uZZ5FSM9Ttw")  # Google for Developers
    source = "api-youtube"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def __init__(
        self, *, api_url: str = "https://www.googleapis.com", key: str = "", contact: str = ""
    ) -> None:
        self._api_url = api_url
        self._key = key.strip()
        self._contact = contact

    @property
    def is_configured(self) -> bool:
        return bool(self._key)

    def lane(self, target: Target) -> Lane:
        return Lane("id", self.batch_size) if target.platform_id else Lane("handle", 1)

    def requests(self, targets: Sequence[Target]) -> int:
        ids = sum(1 for target in targets if target.platform_id)
        return -(-ids // self.batch_size) + len(targets) - ids

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        if not self._key:
            raise OurFault("not_configured", "no key of the YouTube Data API")
        ids = [target for target in targets if target.platform_id]
        handles = [target for target in targets if not target.platform_id]
        # In a header, because addresses end up in logs.
        headers = {"X-Goog-Api-Key": self._key}
        with Api(self._api_url, self._contact, headers=headers, secrets=(self._key,)) as api:
            return gather(targets, [(ids, 50, partial(_by_ids, api)), (handles, 1, partial(_by_handle, api))])


def _by_ids(api: Api, targets: Sequence[Target]) -> list[Outcome]:
    """Read channels by id. One that is missing from the answer is not there; the order means nothing."""
    good, outcomes = fit(targets, lambda target: ID.fullmatch(target.platform_id), "bad_id")
    if not good:
        return outcomes
    answer, body = _ask(api, [("id", ",".join(target.platform_id for target in good)), ("maxResults", "50")])
    reason = _refusal(api, answer, body)
    if reason and len(good) > 1:
        # Said of one channel, nobody says of which.
        return halve(outcomes, good, partial(_by_ids, api))
    if reason:
        return [*outcomes, _refused(good[0], answer.at, reason)]
    items = {word(dig(item, "id")): item for item in _items(body)}
    for target in good:
        item = items.get(target.platform_id)
        outcomes.append(
            other_outcome(target, Kind.NOT_FOUND, answer.at, "no_item")
            if item is None
            else _outcome(target, item, answer.at)
        )
    return outcomes


def _by_handle(api: Api, targets: Sequence[Target]) -> list[Outcome]:
    """Read one channel by its handle or old name."""
    (target,) = targets
    form, _, name = target.handle.rpartition("/")
    shape = OLD_NAME if form else HANDLE
    if form not in ("", "c", "user") or not shape.fullmatch(name):
        return [other_outcome(target, Kind.ERROR, detail="bad_handle")]
    # For /c/NAME no filter exists; most of those channels took the same name as their handle.
    answer, body = _ask(api, [("forUsername", name) if form == "user" else ("forHandle", f"@{name}")])
    reason = _refusal(api, answer, body)
    if reason:
        return [_refused(target, answer.at, reason)]
    items = _items(body)
    if not items:
        return [
            other_outcome(target, Kind.NOT_FOUND, answer.at, "custom_address" if form == "c" else "no_item")
        ]
    return [_outcome(target, items[0], answer.at)]


def _ask(api: Api, filters: list[tuple[str, str]]) -> tuple[Answer, object]:
    answer = api.get("/youtube/v3/channels", [("part", "id,snippet,statistics,status"), *filters])
    return answer, answer.json_or_check()


def _items(body: object) -> list[dict[str, object]]:
    """Return the channels of an answer; it must be one: a missing list means that none was found, a strange one
    nothing."""
    items = dig(body, "items")
    if dig(body, "kind") != "youtube#channelListResponse" or not (items is None or isinstance(items, list)):
        raise Unavailable("bad_shape", "no list of channels")
    return objects(items)


def _outcome(target: Target, item: dict[str, object], at: datetime) -> Outcome:
    statistics = dig(item, "statistics")
    facts = Facts(
        platform_id=word(dig(item, "id")),
        handle=word(dig(item, "snippet", "customUrl")).removeprefix("@"),
        title=dig(item, "snippet", "title"),
    )
    if not ID.fullmatch(word(dig(item, "id"))):
        return other_outcome(target, Kind.ERROR, at, "bad_shape: a channel without id")
    if dig(statistics, "hiddenSubscriberCount") is True:
        return other_outcome(target, Kind.HIDDEN, at, facts=facts)
    given = dig(statistics, "subscriberCount")
    value = int(given) if isinstance(given, str) and re.fullmatch(r"[0-9]{1,19}", given) else given
    return count_outcome(target, value, at, facts, precision=_precision(value))


def _precision(value: object) -> str:
    """Return the precision: from 1,000 on YouTube rounds down to three figures; what is not rounded is the count
    itself."""
    if not isinstance(value, int) or value < 1000:
        return "exact"
    return "exact" if value % 10 ** (len(str(value)) - 3) else "3sf"


def _refusal(api: Api, answer: Answer, body: object) -> str:
    """Return what the answer refuses about a channel (channelNotFound, channelForbidden); "" for an answer that is
    none.

    Everything else that is wrong is not about a channel: PlatformFailure.
    """
    error = dig(body, "error")
    if error is None:
        answer.ok()
        return ""
    reasons = {word(dig(item, "reason")) for item in objects(dig(error, "errors"))}
    reasons |= {word(dig(item, "reason")) for item in objects(dig(error, "details"))}
    said = api.words(dig(error, "message"))
    for reason in ("channelNotFound", "channelForbidden"):
        if reason in reasons:
            return reason
    if reasons & {"quotaExceeded", "dailyLimitExceeded"}:
        raise OurFault("quota", said, midnight_pacific(answer.at))
    if reasons & {"rateLimitExceeded", "userRateLimitExceeded"} or answer.status == 429:
        raise Limited("rate", said, answer.retry_at())
    if answer.status >= 500:
        raise Unavailable("server_error", said)
    if "API_KEY_INVALID" in reasons or answer.status == 401:
        raise OurFault("bad_token", said)
    if reasons & {"accessNotConfigured", "SERVICE_DISABLED"}:
        raise OurFault("not_enabled", said)
    if answer.status == 403:
        raise OurFault("no_permission", said)
    if answer.status == 400:
        raise OurFault("bad_request", said)
    raise Unavailable("refused", said or f"HTTP {answer.status}")


def _refused(target: Target, at: datetime, reason: str) -> Outcome:
    return other_outcome(target, Kind.PRIVATE if reason == "channelForbidden" else Kind.NOT_FOUND, at, reason)


def midnight_pacific(now: datetime) -> datetime:
    """Return the instant at which the day's quota begins anew."""
    tomorrow = (now.astimezone(PACIFIC) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return tomorrow.astimezone(now.tzinfo)
