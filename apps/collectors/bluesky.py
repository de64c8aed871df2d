"""Bluesky, by its public interface without credentials: app.bsky.actor.getProfiles, 25 at a time.

https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles. Accounts it cannot show are left out of the answer in
silence; getProfile says why.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote, unquote

from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.http import Answer, Api
from apps.collectors.outcomes import (
    Facts,
    count_outcome,
    dig,
    fit,
    gather,
    halve,
    more,
    objects,
    other_outcome,
    word,
)
from apps.collectors.types import (
    Kind,
    Lane,
    Limited,
    NotAnAccount,
    Outcome,
    Refusal,
    Target,
    Unavailable,
)

HOSTS: Final = ("bsky.app",)
OWN_DOMAIN: Final = ".bsky.social"
HANDLE: Final = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)
DID: Final = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9.:%_-]{1,200})")
WINDOW: Final = "ratelimit"  # how the headers begin that say what is left
BROKEN: Final = "handle.invalid"  # what a handle reads whose domain no longer answers for it
RESERVED: Final = {
    **words(Refusal.SEARCH, "search hashtag feeds topic"),
    **words(Refusal.GROUP, "starter-pack starter-pack-short start lists"),
    **words(
        Refusal.RESERVED,
        "settings notifications messages about support moderation intent saved download profile",
    ),
}


def parse(text: str) -> Target:
    """Return the account an address of Bluesky, a handle or a DID names; raises NotAnAccount."""
    plain = text.strip().strip("<>\"'").strip()
    if plain.lower().startswith("at://"):
        return _target(unquote(plain[5:].partition("/")[0]))
    if plain.lower().startswith("did:"):
        return _target(plain)
    if re.fullmatch(r"(?:https?://)?[a-z0-9-]+\.bsky\.social/?", plain, re.IGNORECASE):
        return _target(plain.rpartition("//")[2].rstrip("/"))
    address, name = read_pasted(text, HOSTS)
    if address is None:
        return _target(name)
    if address.host == "go.bsky.app":
        raise NotAnAccount(Refusal.SHORT_LINK, address.seen)
    if address.part(0) == "profile" and address.part(1):
        return _target(address.part(1))
    refuse_reserved(address, RESERVED)
    raise NotAnAccount(Refusal.RESERVED, address.seen)


def url(target: Target) -> str:
    name = target.handle if target.handle and target.handle != BROKEN else target.platform_id
    return f"https://bsky.app/profile/{quote(name, safe=':')}" if name else ""


def _target(name: str) -> Target:
    if name.startswith("did:"):
        if not DID.fullmatch(name):
            raise NotAnAccount(Refusal.BAD_ID, name)
        return Target("bluesky", platform_id=name)
    return Target("bluesky", handle=name_or_refuse(name, HANDLE).lower())


class Bluesky:
    platform = "bluesky"
    batch_size = 25
    probe: Target | None = Target("bluesky", "bsky.app")
    is_configured = True
    source = "api-bluesky"
    parse = staticmethod(parse)
    url = staticmethod(url)

    def __init__(self, *, api_url: str = "https://public.api.bsky.app", contact: str = "") -> None:
        self._api_url = api_url
        self._contact = contact

    def lane(self, target: Target) -> Lane:
        return Lane("", self.batch_size)

    def requests(self, targets: Sequence[Target]) -> int:
        # At the worst every account is missing from the batch and is asked for by itself.
        return -(-len(targets) // self.batch_size) + len(targets)

    def fetch(self, targets: Sequence[Target]) -> list[Outcome]:
        with Api(self._api_url, self._contact) as api:
            return api.finish(gather(targets, [(targets, self.batch_size, partial(_batch, api))]))


def _actor(target: Target) -> str:
    """Return the DID where it is known: a handle may be somebody else's by now. "" for what the platform would refuse."""
    name, shape = (target.platform_id, DID) if target.platform_id else (target.handle, HANDLE)
    return name if shape.fullmatch(name) else ""


def _batch(api: Api, targets: Sequence[Target]) -> list[Outcome]:
    good, outcomes = fit(targets, _actor, "bad_handle")
    if not good:
        return outcomes
    answer = api.get("/xrpc/app.bsky.actor.getProfiles", [("actors", _actor(target)) for target in good])
    body = _json(api, answer)
    if answer.status == 400 and len(good) > 1:
        return halve(outcomes, good, partial(_batch, api))
    profiles = dig(body, "profiles")
    if answer.status == 200 and not isinstance(profiles, list):
        raise Unavailable("bad_shape", "no list of profiles")
    found = {}
    for profile in objects(profiles) if answer.status == 200 else ():
        found[word(dig(profile, "did"))] = profile
        found[word(dig(profile, "handle")).lower()] = profile
    missing: list[Target] = []
    for target in good:
        name = target.platform_id or target.handle.lower()
        if name in found:
            outcomes.append(_outcome(target, found[name], answer))
        else:
            missing.append(target)
    return more(outcomes, missing, 1, partial(_single, api))


def _single(api: Api, targets: Sequence[Target]) -> list[Outcome]:
    """Ask for one account; here the platform says why there is nothing."""
    (target,) = targets
    answer = api.get("/xrpc/app.bsky.actor.getProfile", [("actor", _actor(target))])
    body = _json(api, answer)
    if answer.status == 200:
        return [_outcome(target, body, answer)]
    code, said = word(dig(body, "error")), api.words(dig(body, "message"))
    if code == "AccountTakedown":
        return [other_outcome(target, Kind.SUSPENDED, answer.at, f"takedown: {said}")]
    if code == "AccountDeactivated":
        # Closed by its owner, who can open it again: it does exist.
        return [other_outcome(target, Kind.PRIVATE, answer.at, f"deactivated: {said}")]
    if code == "InvalidRequest" and "not found" in said.lower():
        return [other_outcome(target, Kind.NOT_FOUND, answer.at, f"not_found: {said}")]
    return [other_outcome(target, Kind.ERROR, answer.at, f"refused: {api.words(code, 60)} {said}")]


def _json(api: Api, answer: Answer) -> object:
    """Return the body of a 200 or of a refusal of what was asked (400); anything else says nothing of an account."""
    if answer.status == 429:
        raise Limited("rate", "HTTP 429", answer.retry_at() or answer.reset_at(WINDOW))
    api.rest(answer.window_end(WINDOW))
    answer.check()
    body = answer.json()
    if answer.status not in (200, 400):
        raise Unavailable("refused", f"HTTP {answer.status} {api.words(dig(body, 'message'))}".strip())
    return body


def _outcome(target: Target, profile: object, answer: Answer) -> Outcome:
    did, handle = word(dig(profile, "did")), word(dig(profile, "handle"))
    if not DID.fullmatch(did):
        return other_outcome(target, Kind.ERROR, answer.at, "bad_shape: a profile without did")
    badges = [dig(profile, "verification", name) for name in ("verifiedStatus", "trustedVerifierStatus")]
    shown = target.handle if handle.lower() == BROKEN or not HANDLE.fullmatch(handle) else handle
    facts = Facts(did, shown, dig(profile, "displayName"), verified="valid" in badges)
    if not isinstance(profile, dict) or "followersCount" not in profile:
        return other_outcome(target, Kind.HIDDEN, answer.at, "no_count", facts)
    return count_outcome(target, profile["followersCount"], answer.at, facts)
