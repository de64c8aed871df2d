"""The address that a text leads to: behind redirections, web archives, Markdown, tags and remarks. Nothing is fetched."""

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

MARKDOWN: Final = re.compile(r"\[[^\]\n]{0,300}\]\((\S{4,2000}?)\)")
ANCHOR: Final = re.compile(r"<a\s[^>]*href=[\"']([^\"']{4,2000})[\"'][^>]*>.*", re.IGNORECASE | re.DOTALL)
REMARK: Final = re.compile(r"\s*\((?![^)]*[/@])[^()]{1,60}\)\s*$|\s+[-–—]\s+[^/@]{1,60}$")
WAYBACK: Final = re.compile(
    r"https?://web\.archive\.org/(?:web|save)/(?:[0-9*]{1,14}(?:[a-z]{2}_)?/)?(https?:/?/?\S+|[\w-]+\.\S+)",
    re.IGNORECASE,
)
ADDRESS: Final = re.compile(r"(?:https?:)?//|(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE)
# What leads elsewhere, and the parameter that says where.
_WRAPPERS: Final = {
    "google.com/url": ("q", "url"),
    "l.facebook.com/l.php": ("u",),
    "lm.facebook.com/l.php": ("u",),
    "facebook.com/l.php": ("u",),
    "facebook.com/flx/warn": ("u",),
    "l.instagram.com": ("u",),
    "vk.com/away.php": ("to",),
    "vk.ru/away.php": ("to",),
    "m.vk.com/away.php": ("to",),
    "ok.ru/dk": ("st.link",),
    "youtube.com/redirect": ("q",),
    "t.umblr.com/redirect": ("z",),
    "away.vk.com/away.php": ("to",),
    "slack-redir.net/link": ("url",),
    "safelinks.protection.outlook.com": ("url",),
    "translate.google.com/translate": ("u",),
    "yandex.ru/clck/jsredir": ("url",),
    "linkedin.com/redir/redirect": ("url",),
}


def unwrap(text: str) -> str:
    """Return the address that the text leads to: without redirections, archives, Markdown, tags and remarks behind it."""
    plain = text.strip()
    for _round in range(6):
        before = plain
        if (markdown := MARKDOWN.fullmatch(plain)) or (markdown := ANCHOR.fullmatch(plain)):
            plain = markdown[1]
        if wayback := WAYBACK.fullmatch(plain):
            plain = re.sub(r"^(https?):/*(?=[^/])", r"\1://", wayback[1], flags=re.IGNORECASE)
        plain = _read_redirect(plain)
        plain = REMARK.sub("", plain).strip()
        if plain == before:
            return plain
    return plain


def _read_redirect(text: str) -> str:
    if not re.match(r"(?:https?:)?//|(?:[\w-]+\.)+[a-z]{2,}/", text, re.IGNORECASE):
        return text
    try:
        parts = urlsplit(text if "//" in text[:8] else f"https://{text}")
        host = (parts.hostname or "").lower().removeprefix("www.")
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return text
    place = f"{host}{parts.path}".rstrip("/")
    for wrapper, names in _WRAPPERS.items():
        if place == wrapper or host == wrapper or host.endswith(f".{wrapper}"):
            inner = next((unquote(query[name][0]) for name in names if name in query), "")
            return inner if ADDRESS.match(inner) else text
    if host == "web.telegram.org" and parts.fragment:
        named = re.search(r"(?:^|[?&]p=)(@[A-Za-z]\w{2,31})", unquote(parts.fragment))
        return f"https://t.me/{named[1][1:]}" if named else text
    if host in ("twitter.com", "m.twitter.com", "x.com") and parts.fragment.startswith("!/"):
        return f"https://{host}/{parts.fragment[2:]}"
    if host.endswith("facebook.com") and parts.path.startswith("/pg/"):
        return f"https://{host}{parts.path[3:]}"
    return text
