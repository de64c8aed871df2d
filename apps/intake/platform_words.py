"""Match words of a table with platforms: in three languages, short, misspelt, with remarks beside it."""

import re
from typing import Final

from apps.collectors.platforms import PLATFORMS

_WORDS: Final = {
    "facebook": "facebook fb fbook face фейсбук фэйсбук фейсбуке фб фэйс facebookcom fbcom",
    "instagram": "instagram insta ig inst инстаграм инстаграмм инста инст instagramcom",
    "youtube": "youtube yt ютуб ютюб ютьюб ютубе youtubecom",
    "x": "x twitter твиттер твитер twitercom twittercom xcom икс",
    "telegram": "telegram tg телеграм телеграмм телега тг tme telegramme telegramorg",
    "tiktok": "tiktok тикток тиктоке tiktokcom",
    "vk": "vk vkontakte вк вконтакте vkcom vkru",
    "threads": "threads тредс средс threadsnet threadscom",
    "mastodon": "mastodon мастодон",
    "bluesky": "bluesky блюскай блускай bsky bskyapp bskysocial",
    "ok": "ok okru одноклассники однокласники odnoklassniki одноклассниках",
    "whatsapp": "whatsapp ватсап вотсап уатсап whatsappchannel whatsappcom ватсапп",
}
KNOWN: Final = {
    word: code
    for code, words in _WORDS.items()
    for word in (*words.split(), *(code, PLATFORMS[code].casefold()))
}
SHORT: Final = {
    "х": ("x",),
    "meta": ("facebook", "instagram"),
    "мета": ("facebook", "instagram"),
}  # a letter, an owner: asked
_SUMS: Final = re.compile(
    r"(?:все|всего|итого|all|total|барлық|барлығы)\b.*(?:сет|площад|платформ|network|platform|желі)?.*"
)
_BESIDE: Final = re.compile(
    r"\b(?:желісі|желі|сеть|соцсеть|канал|channel|страница|page|аккаунт|account|группа|group|парақшасы|арнасы|"
    r"социальная сеть|соц\.? сеть|social network|официальн\w+|official)\b"
)
_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]")
_PARTS: Final = re.compile(r"\s*(?:[+/,;&|]|\bи\b|\band\b|\bжәне\b|\bмен\b)\s*")


class NotAPlatform(ValueError):
    """A word that is no platform. `code`: unknown, several, sum, or question with the platforms that may be meant."""

    def __init__(self, code: str, seen: str, likely: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {seen}")
        self.code, self.seen, self.likely = code, seen, likely


def read_platform(text: str) -> str:
    """Return the code of the platform; raises NotAPlatform where the text names none, or more than one."""
    plain = " ".join(text.casefold().replace("\u00a0", " ").split()).strip(" *¹²³.:")
    direct = _code(plain)
    if direct:
        return direct
    if plain in SHORT:
        raise NotAPlatform("question", text, SHORT[plain])
    if _SUMS.fullmatch(plain):
        raise NotAPlatform("sum", text)
    inside = {_code(piece.strip("()[]")) for piece in _BRACKETS.findall(plain)} - {""}
    outside = _BRACKETS.sub(" ", plain).strip()
    codes = [_code(part) for part in _PARTS.split(outside) if part]
    known = {code for code in codes if code} | inside
    if len(known) == 1 and (all(codes) or known <= set(SHORT.get(outside, ()))):
        return known.pop()
    if len(known) > 1:
        raise NotAPlatform("several", text)
    if outside in SHORT:
        raise NotAPlatform("question", text, SHORT[outside])
    raise NotAPlatform("unknown", text)


def platform_or_none(text: str) -> str:
    """Return the code of the platform, "" for any other text."""
    if len(text) > 60:
        return ""
    try:
        return read_platform(text)
    except NotAPlatform:
        return ""


def _code(text: str) -> str:
    plain = re.sub(r"^(?:https?://)?(?:www\.|m\.)?|/$", "", text)
    bare = re.sub(r"[^\w]|_", "", _BESIDE.sub(" ", plain.replace("-", " " if "канал" in plain else "")))
    return KNOWN.get(bare, "")
