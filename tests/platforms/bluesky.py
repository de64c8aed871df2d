"""Bluesky's public interface. States: counted, hidden (no followersCount), takedown, deactivated, broken (handle)."""

import base64
import hashlib

from tests.platforms.world import Known, Reply, Request, World, as_json

SILENT = ("takedown", "deactivated")


def did(name: str) -> str:
    """Return a DID that is always the same for a name."""
    digest = hashlib.blake2b(name.casefold().encode(), digest_size=15).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()


def answer(world: World, request: Request) -> Reply:
    if request.path.endswith("app.bsky.actor.getProfiles"):
        actors = request.query.get("actors", [])
        if not 1 <= len(actors) <= 25:
            return as_json(
                {"error": "InvalidRequest", "message": "Error: actors must not have more than 25 elements"},
                400,
            )
        found = [
            known
            for known in (_find(world, actor) for actor in actors)
            if known and known.state not in SILENT
        ]
        return as_json({"profiles": [profile(known) for known in reversed(found)]})
    known = _find(world, request.one("actor"))
    if known is None:
        return refusal("InvalidRequest", "Profile not found")
    if known.state == "takedown":
        return refusal("AccountTakedown", "Account has been suspended")
    if known.state == "deactivated":
        return refusal("AccountDeactivated", "Account is deactivated")
    return as_json(profile(known))


def _find(world: World, actor: str) -> Known | None:
    return world.find("bluesky", actor)


def profile(known: Known) -> dict[str, object]:
    is_did = known.handle.startswith("did:")
    shown: dict[str, object] = {
        "did": known.id or (known.handle if is_did else did(known.handle)),
        "handle": "handle.invalid" if known.state == "broken" or is_did else known.handle,
        "displayName": known.title,
        "avatar": "https://cdn.bsky.app/img/avatar/plain/d/c@jpeg",
        "followersCount": known.followers,
        "followsCount": 3,
        "postsCount": 880,
    }
    if known.verified:
        shown["verification"] = {
            "verifications": [],
            "verifiedStatus": "valid",
            "trustedVerifierStatus": "none",
        }
    if known.state == "hidden":
        del shown["followersCount"]
    return {**shown, **known.more}


def refusal(error: str, message: str, status: int = 400) -> Reply:
    return as_json({"error": error, "message": message}, status)
