"""Addresses as tables hold them: wrapped, decorated, several in a cell, beside numbers; e-mail addresses and phones told apart."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from apps.collectors import registry
from apps.collectors.mastodon import HOSTS as MASTODON_HOSTS
from apps.collectors.types import NotAnAccount, Refusal, Target
from apps.collectors.unwrapping import ANCHOR, MARKDOWN, unwrap
from apps.intake.platform_words import platform_or_none

EMAIL: Final = re.compile(r"(?:mailto:)?[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
PHONE: Final = re.compile(r"(?:tel:|тел\.?:?)?\s?\+?[0-9][0-9 ()\u00a0–-]{8,20}[0-9]")
MASTODON: Final = re.compile(r"@[A-Za-z0-9_.-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
NUMBER: Final = re.compile(
    r"[0-9][0-9 .,\u00a0\u202f]*(?:\s?(?:тыс|млн|мың|k|m|к)\.?)?(?:\s?(?:подписчик\w*|followers?|subscribers?|жазылушы))?",
    re.IGNORECASE,
)
SHORTEST_ID: Final = 9  # figures; a shorter number in a column of addresses is sooner a count than an id
LOOKS: Final = re.compile(r"(?:https?://|www\.|tg:|//)\S+|(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
LINK: Final = re.compile(
    r"(?:(?<=[\s:(<])|^)(?:https?://|www\.|(?:[\w-]+\.)+[a-z]{2,}/)[^\s<>]+", re.IGNORECASE
)
KNOWN_HOST: Final = re.compile(
    r"(?:[\w-]+\.)*(?:facebook\.com|fb\.com|fb\.me|instagram\.com|youtube\.com|youtu\.be|twitter\.com|x\.com|t\.me|telegram\.me|"
    r"tiktok\.com|vk\.com|vk\.ru|threads\.(?:net|com)|ok\.ru|odnoklassniki\.ru|bsky\.app|whatsapp\.com)(?:/\S*)?",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """What a cell says of accounts: the targets with their text, and what was seen beside them."""

    target: Target
    text: str


class NotALink(ValueError):
    """A cell that names no account. `code`: email, phone, beside, or one of Refusal; `seen` what decided."""

    def __init__(self, code: str, seen: str) -> None:
        super().__init__(f"{code}: {seen}")
        self.code, self.seen = code, seen


def pieces(text: str) -> list[str]:
    """Split a cell into the addresses it holds; one piece where it holds one, or none that can be told apart."""
    if ANCHOR.fullmatch(text.strip()) or MARKDOWN.fullmatch(text.strip()):
        return [text.strip()]
    parts = [
        part.strip()
        for part in re.split(
            r"[\n;|]+|,\s+|,(?=https?://|@)|\s+(?:и|and|және)\s+|\s+(?=https?://)|\s{2,}", text
        )
        if part.strip()
    ]
    if len(parts) > 1 and all(
        is_address(part) or part.startswith("@") or take_label(part)[0] for part in parts
    ):
        return parts
    words = text.split()
    if len(words) > 1 and all(is_address(word.strip(",;")) for word in words):
        return [word.strip(",;") for word in words]
    return [text.strip()]


def take_label(text: str) -> tuple[str, str]:
    """Take "Telegram: @name" apart into platform and name; ("", "") for anything else."""
    word, colon, rest = text.partition(":")
    rest = rest.strip()
    if not colon or rest.startswith("//") or not rest or " " in rest:
        return "", ""
    platform = platform_or_none(word.strip())
    return (platform, rest) if platform else ("", "")


def is_address(text: str) -> bool:
    """Tell whether a text looks like the address of a page; an e-mail address does not."""
    plain = text.strip()
    if EMAIL.fullmatch(plain):
        return False
    return bool(
        LOOKS.fullmatch(plain)
        or KNOWN_HOST.fullmatch(plain)
        or MASTODON.fullmatch(plain)
        or MARKDOWN.fullmatch(plain)
        or ANCHOR.fullmatch(plain)
    )


def read_account(text: str, platform: str = "", servers: Iterable[str] = ()) -> Target:
    """Return the account that one address or name names; `servers` are hosts known to be Mastodon.

    Raises NotALink. An address of an unknown host is never a Mastodon account by its shape alone, and what looks like an
    e-mail address only where the platform was named.
    """
    plain = unwrap(text)
    if EMAIL.fullmatch(plain) and platform != "mastodon":
        raise NotALink("email", plain)
    if PHONE.fullmatch(plain):
        raise NotALink("phone", plain)
    if NUMBER.fullmatch(plain) and not (plain.isdecimal() and len(plain) >= SHORTEST_ID and platform):
        raise NotALink("number", plain)
    if re.search(r"\s", plain):
        raise NotALink("beside", plain)
    try:
        target = registry.parse(plain, platform)
    except NotAnAccount as refused:
        raise NotALink(refused.code, refused.seen) from None
    if target.platform == "mastodon" and not MASTODON.fullmatch(
        plain if plain.startswith("@") else f"@{plain}"
    ):
        host = (target.handle or target.platform_id).rpartition("@")[2]
        if host not in MASTODON_HOSTS and host not in set(servers):
            raise NotALink(Refusal.UNKNOWN_HOST, host)
    return target
