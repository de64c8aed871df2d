"""Parse rows of names, successions, proposed addresses and false accounts. No database."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from apps.collectors import registry
from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import NotAnAccount, Target
from apps.common.tables import Row
from apps.context.dataset import Fact
from apps.registry.models import Alias, Impostor, Proposal, Succession

SIDES = ("before", "after")


def check_address(row: Row, target: Target) -> None:
    """Hold a row's handle and address against what the platform's own parser makes of them."""
    if target.handle and not _is_handle(target):
        row.wrong("handle", _("This is not a handle: write it without @, spaces and slashes."))
    url = row.text("url")
    if not url:
        return
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        row.wrong("url", error.messages[0])
    try:
        named = registry.parse(url, target.platform) if target.platform else target
    except NotAnAccount:
        named = Target(target.platform)
    wanted = {target.handle.lower(), target.platform_id} - {""}
    if not wanted & {named.handle.lower(), named.platform_id}:
        row.wrong("url", _("The address does not end in the handle."))


def _is_handle(target: Target) -> bool:
    # A letter that is two in small print would be compared differently here and in the database.
    handle = target.handle
    if handle.startswith("@") or len(handle.split()) > 1 or any(len(sign.lower()) != 1 for sign in handle):
        return False
    if "/" not in handle:
        return True
    # Old addresses of YouTube and people on OK have a slash: c/NAME, user/NAME, profile/NUMBER.
    try:
        return (
            bool(target.platform) and registry.parse(registry.url(target), target.platform).handle == handle
        )
    except NotAnAccount:
        return False


def read_name(row: Row) -> Fact[Alias]:
    made = Alias(
        text=row.text("text", required=True),
        language=row.one_of("language", Alias.Language.values, required=False),
        kind=row.one_of("kind", Alias.Form.values),
    )
    row.check(made, "text")
    return Fact(row, made, {"source": row.text("source"), "actor": row.text("actor", required=True)})


def read_succession(row: Row) -> Fact[Succession]:
    """Read one side of a change of bodies. A side that is the key of no actor is kept as a name."""
    relation = row.one_of("relation", Succession.Relation.values)
    dated = row.when("date", required=True)
    made = Succession(relation=relation, locator=row.text("locator"), note=row.text("note"))
    if dated:
        made.day, made.span = dated
    row.check(made, "locator")
    keys = {"source": row.text("source", required=True), "before": row.text("before", required=True)}
    keys["after"] = row.text("after", required=relation != Succession.Relation.ABOLISHED)
    return Fact(row, made, keys)


def read_proposal(row: Row) -> Fact[Proposal]:
    platform = row.one_of("platform", PLATFORMS)
    made = Proposal(
        platform=platform,
        grade=row.one_of("grade", Proposal.Grade.values),
        proof=row.text("note"),
        locator=row.text("locator") or row.text("url"),
    )
    if dated := row.when("proof_day"):
        made.proof_day, made.proof_span = dated
    target = _read_target(row, platform, row.text("url") or row.text("handle", required=True))
    made.handle, made.platform_id = target.handle, target.platform_id
    row.check(made, "handle", "locator")
    return Fact(
        row, made, {"source": row.text("source", required=True), "actor": row.text("actor", required=True)}
    )


def read_impostor(row: Row) -> Fact[Impostor]:
    platform = row.one_of("platform", PLATFORMS)
    target = _read_target(row, platform, row.text("handle", required=True))
    made = Impostor(
        platform=platform,
        handle=target.handle,
        platform_id=target.platform_id,
        said_by=row.text("said_by", required=True),
        note=row.text("note"),
    )
    if dated := row.when("date"):
        made.day, made.span = dated
    row.check(made, "handle", "said_by")
    return Fact(row, made, {"source": row.text("source", required=True), "actor": row.text("actor")})


def _read_target(row: Row, platform: str, text: str) -> Target:
    """Read an address by the platform's own parser; a text that is none is noted with the row."""
    if not platform or not text:
        return Target(platform)
    try:
        return registry.parse(text, platform)
    except NotAnAccount as refused:
        row.wrong(
            "url" if row.text("url") else "handle",
            _("This is not the address of an account: %(seen)s.") % {"seen": refused.seen},
        )
        return Target(platform)
