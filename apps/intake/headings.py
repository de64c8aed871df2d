"""Parse a column's heading: its role, platform, unit, by words in Kazakh, Russian and English."""

import re
from dataclasses import dataclass
from typing import Final

from apps.intake.names import of_one_script
from apps.intake.platform_words import platform_or_none

# What a column may be. `left` is left out and said.
ROLES: Final = (
    "actor", "name_kk", "name_ru", "name_en", "kind", "group", "platform", "address", "handle", "platform_id", "account_id",
    "followers", "change", "day", "span", "state", "bound", "precision", "observed_at", "source", "locator", "note",
    "number", "year", "month", "month_day", "unit", "left",
)  # fmt: skip
ONE_OF: Final = frozenset(ROLES) - {
    "address",
    "handle",
    "platform_id",
    "followers",
    "change",
    "left",
}  # one column each

# The names of our own files and of the templates, word for word.
_OWN: Final = {
    "actor_slug": "actor", "actor": "actor", "slug": "actor", "platform": "platform", "handle": "handle", "address": "address",
    "url": "address", "account_id": "account_id", "day": "day", "observed": "day", "span": "span", "followers": "followers",
    "state": "state", "bound": "bound", "precision": "precision", "observed_at": "observed_at", "source": "source",
    "locator": "locator", "note": "note", "kind": "kind", "name_kk": "name_kk", "name_ru": "name_ru", "name_en": "name_en",
    "actor_name": "left", "kk": "name_kk", "ru": "name_ru", "en": "name_en", "қаз": "name_kk", "каз": "name_kk", "рус": "name_ru",
    "анг": "name_en", "ағыл": "name_en",
}  # fmt: skip
_CHANGE: Final = (
    r"прирост|приросты|изменени\w*|динамик\w*|рост\b|growth|change|changes|gain\w*|\bnet\b|\bnew\b|\blost\b|unfollow\w*|"
    r"follows\b|отпис\w*|новы[хе]|потерян\w*|разниц\w*|отклонени\w*|өсім\w*|өзгеріс\w*|айырма\w*|жаңа\b|delta|δ|темп\w*"
)
_OTHER: Final = (
    r"likes?\b|лайк\w*|нравится|interactions?|engagement\w*|вовлеч\w*|posts?\b|публикац\w*|постов|посты|views?\b|просмотр\w*|"
    r"охват\w*|reach\w*|impressions?|показ\w*|visits?|shares?\b|репост\w*|reposts?|bookmarks?|repl(?:y|ies)|watch|duration|"
    r"rate\b|click\w*|videos?\b|видео|комментари(?:ев|и)\b|comments\b|рейтинг|место|rank\w*|орын|үлес|доля|share\b|жазбалар|"
    r"қаралым\w*|er|itr|following\b|подписк[аи]\b|подписок|score|балл\w*|бағ\w*|ұнату\w*|ұнатқан\w*|аккаунтов|accounts|сотрудник\w*|населени\w*|population"
)
# Beside the word "followers": a share of them, what is hoped for, a part of them or an average, never how many follow.
_NOT_ALL_FOLLOWERS: Final = re.compile(
    r"(?<!\w)(?:доля|удельный вес|үлес\w*|процент\w*|пайыз\w*|per ?cent\w*|share of|план\w*|цель|целев\w*|target|goal|plan\w*|"
    r"прогноз\w*|forecast|жоспар\w*|нысаналы|болжам\w*|ранг|rank\w*|рейтинг\w*|место|орны|средн\w*|в среднем|average|mean|орташа|"
    r"охват\w*|reach|kpi|вовлеч\w*|engagement\w*|просмотр\w*|views?|лайк\w*|likes?|комментар\w*|репост\w*|shares?|"
    r"индекс|index|активны\w*|active|белсенді|бот\w*|bots?|fake|накрут\w*|мужчин\w*|женщин\w*|male|female|men|women|ерлер|әйелдер|"
    r"на душу|на (?:1 ?000|тыс\w*) (?:чел|насел)\w*|per (?:capita|post|page)|стоимость|цена|cost|price)(?!\w)"
)
_METRIC: Final = re.compile(
    r"(?:показател[ьи]|метрик[аи]|metrics?|measures?|indicators?|көрсеткіш\w*|что измерено)"
)
# What came within a time, not how many there were at its end.
_WITHIN: Final = re.compile(
    r"(?<!\w)(?:за (?:(?:отч[её]тный )?период|месяц|неделю|день|сутки|год|квартал)|daily|weekly|monthly|yearly|per (?:day|week|month)|"
    r"күніне|айына|аптасына|бір (?:күнде|айда|аптада))(?!\w)"
)
_OF_WHOEVER_WRITES: Final = re.compile(
    r"(?<!\w)(?:ответственн\w*|руководител\w*|исполнител\w*|контактн\w*|автор\w*|составител\w*|куратор\w*|жауапты\w*|басшы\w*|"
    r"орындаушы\w*|responsible|contact|author|manager|director)(?!\w)"
)
_BEGINNING: Final = re.compile(r"(?<!\w)(?:начал\w*|start\w*|from|begin\w*|бас(?:ы|талу\w*))(?!\w)|\sс$")
_AT_THE_START: Final = re.compile(
    r"\b(?:на начал\w*|начальн\w*|at (?:the )?start|start|opening|beginning|initial|басында\w*|пред\.?|предыдущ\w*|прошл\w*|"
    r"прежн\w*|previous|prior|prev|last (?:year|month|week|period)|earlier|before|раньше|ранее|был[оа]?|алдыңғы|өткен|бұрынғы)(?!\w)"
)
_FOLLOWERS: Final = (
    r"followers?|subscribers?|subs\b|подписчик\w*|фолловер\w*|читател\w*|участников|members|audience|аудитори\w*|жазылушы\w*|"
    r"жазылғандар\w*|оқырман\w*|seguidor\w*|suscriptor\w*|abonn?(?:ent|é)\w*|abonados|abone\w*|takip[çc]i\w*|obunachi\w*|підписник\w*|"
    r"жазылуучу\w*|катталуучу\w*|粉丝|关注者|кол-?во|количество|число|числ\.|саны|\bcounts?\b|численность"
)
_PATTERNS: Final = (
    ("number", r"(?:№|n|no|nr|#|п/п|№ ?п/п|№№|номер|р/с|рет|num|number|№ ?р/с|p/p|row|строка|жол)\.?"),
    ("left:email", r".*(?:e-?mail|эл(?:ектронн\w*|\.)? ?(?:почта|пошта|адрес)|почта|пошта|корреспонд).*"),
    ("left:phone", r".*(?:phone|телефон|тел\.|факс|fax|ұялы|моб\.).*"),
    ("left:site", r"(?:.*\b(?:website|web-?site|веб-?сайт|сайт|сайты|интернет-ресурс\w*|web)\b.*)(?<!сеть)"),
    ("left:other", r"(?=.*(?:\bдата|\bdate|күні|\bгод|\byear|жылы)).*(?:создан|регистрац|рожден|основан|образован|публикац|құрыл|тіркел|"
                   r"туған|ашыл|created|creation|regist|joined|birth|founded|launch|published).*"),
    ("day", r"(?:дата|date|day|день|күні|күн|дата замера|на дату|дата наблюдения|observed|as of|уақыты|период|месяц|month|год|year|"
            r"жыл|ай|дата \w+|кезең|мерзімі|өлшенген күні|collected)(?: \w+)?"),
    ("platform", r"(?:.*\b)?(?:платформа|площадка|площадкасы|соц\.? ?сеть|социальная сеть|соцсети|сеть|network|platform|социальные сети|"
                 r"желі|желісі|әлеуметтік желі|алаң|social network|social media|channel type|канал связи)(?:\b.*)?"),
    ("handle", r"(?:handle|user ?name|login|логин|ник|никнейм|хэндл|аккаунт|account|имя аккаунта|аккаунт атауы|screen ?name|account name|"
               r"пайдаланушы аты|id аккаунта)"),
    ("address", r"(?:.*\b)?(?:url|link|links|ссылк[аи]|адрес\w*|address|сілтеме\w*|мекенжай\w*|гиперссылка|permalink)(?:\b.*)?"),
    ("unit", r"(?:ед(?:иниц[аы]|\.)? ?изм(?:ерени[яй]|\.)?|единица|units?|unit of measure\w*|өлшем(?: бірлігі)?|өлш\. бірл\.?)"),
    ("day", r"(?:начало|конец|окончание|start|end|begin)(?: периода| date| of (?:the )?period)?|период (?:с|по)|from|to|"
            r"кезең(?:нің)? (?:басы|соңы)"),
    ("day", r"(?:fecha|datum|tarih|sana|jour|dátum|күнү|куну)"),
    ("platform", r"(?:red social|redes sociales|netzwerk|soziales netzwerk|plattform|plataforma|réseau(?: social)?|sosyal a[ğg]|a[ğg]|tarmoq|"
                 r"ijtimoiy tarmoq|соц\.? ?мережа|мережа|социалдык тармак|тармак)"),
    ("actor", r"(?:nombre|nom|adı?|i̇?sim|ism|nomi|назва|ім[’'ʼ]?я|аталышы|organismo|behörde|kurum)"),
    ("state", r"(?:state|status|состояние|статус|күйі|күй|мәртебесі)"),
    ("source", r"(?:source|источник|дереккөз\w*|дерек көзі)"),
    ("note", r"(?:note|notes|comment|remark|remarks|примечани[ея]|комментарий|комментарии|ескерту\w*|түсініктеме\w*|пояснени[ея])"),
    ("locator", r"(?:locator|стр\.?|№ страницы|page number|бет|таблица|table)"),
    ("kind", r"(?:kind|type|тип|вид|категория|түрі|санаты|category|тип участника)"),
    ("group", r"(?:group|группа|топ|тобы|сфера|отрасль)"),
    ("left:place", r"(?:region|регион|область|аймақ|облыс|city|город|қала|country|страна|ел|адрес места)"),
    ("actor", r"(?:.*\b)?(?:actor|name|наименование|название|субъект\w*|орган|госорган\w*|участник|участники|ведомство|организация|учреждение|"
              r"кто|атауы|аты|кім|ұйым\w*|мекеме\w*|қатысушы|body|institution|organi[sz]ation|page|страница|фио|ф\.и\.о\.?|аты-жөні|"
              r"public body|персона|блогер|человек|актор|тұлға|владелец|owner|иесі|лидер|leader|политик\w*|politician|парақша\w*|channel|канал|profile|профиль)(?:\b.*)?"),
    ("actor", r"(?:министерств\w*|агентств\w*|ministry|agency|министрлік\w*)(?:[/ ]+(?:министерств\w*|агентств\w*|ведомств\w*|agency|ministry))?"),
)  # fmt: skip
_IS_CHANGE: Final = re.compile(rf"(?<!\w)(?:{_CHANGE})(?!\w)")
_IS_OTHER: Final = re.compile(rf"(?<!\w)(?:{_OTHER})(?!\w)")
_IS_FOLLOWERS: Final = re.compile(_FOLLOWERS)
_COMPILED: Final = tuple((role, re.compile(pattern)) for role, pattern in _PATTERNS)
_UNIT: Final = re.compile(
    r"[,;(\[]?\s*(?:\bв\s+|\bin\s+)?(?P<unit>тыс(?:\.|яч\w*)?|мың(?:мен)?|thousands?|’000|'000|000|млн\.?|миллион\w*|mln|millions?)\.?"
    r"(?:\s*(?:чел(?:\.|овек)?|подписчик\w*|адам\w*|people|followers))?\s*[)\]]?(?=$|[,;\s)])"
)
_LETTER_UNIT: Final = re.compile(r"[,(]\s*(?P<unit>[kкmbм])\s*\)?$")
TITLE_UNIT: Final = re.compile(
    r"(?:\bв\s+|\bin\s+|[,(]\s*)(?P<unit>тыс(?:\.|яч\w*)?|мың(?:мен)?|thousands?|млн\.?|миллион\w*|millions?)(?:\b|\.|$)|(?P<kk>мың(?:мен| адам| жазылушы))"
)
TOTAL: Final = re.compile(
    r"(?:№\s*)?(?:итого|всего|барлығы|жиыны|жалпы|total|totals|sum|сумма|grand total|subtotal|в\s+среднем|среднее|среднее значение|"
    r"average|mean|median|медиана|орташа|орта есеппен|қорытынды|итог|барлық|общий итог|gesamt|toplam|jami|усього|всього)\b(?!\.\w).{0,40}|"
    r"(?:максимум|минимум|maximum|minimum|max|min|макс|мин)\.?"
)
AVERAGE: Final = re.compile(r"(?:в\s+среднем|средн|average|mean|median|медиана|орта)")


@dataclass(frozen=True)
class Heading:
    """What the words of a heading say."""

    role: str = ""  # "" where the words are not known
    why: str = ""  # of a column that is left out: email, phone, site, place, total, other, known
    platform: str = ""
    unit: int = 1
    confidence: int = 0  # per cent
    bare: str = ""  # the words without the unit, in small letters


def read_heading(text: str) -> Heading:
    """Tell what a heading means by its words alone."""
    plain = " ".join(text.replace("\u00a0", " ").replace("_", " ").split()).strip(" *:.").casefold()
    own = _OWN.get(text.strip().strip("\ufeff").casefold())
    if own:
        return Heading(own, "known" if own == "left" else "", confidence=98, bare=plain)
    plain, unit = without_unit(re.sub(r"[^\W\d_]+", lambda word: of_one_script(word[0]), plain))
    if not plain:
        return Heading(unit=unit)
    if TOTAL.fullmatch(plain) and not _IS_FOLLOWERS.search(plain):
        return Heading("left", "total", confidence=90, bare=plain)
    platform = platform_or_none(plain)
    if platform:
        return Heading("", platform=platform, unit=unit, confidence=80, bare=plain)
    platform, rest = _with_platform(plain)
    if plain in ("%", "±", "+/-", "δ", "в %"):
        return Heading("change", confidence=90, bare=plain)
    return _by_words(rest, platform, unit, plain)


def _by_words(rest: str, platform: str, unit: int, plain: str) -> Heading:
    if platform and re.fullmatch(r"(?:platform )?(?:id|ид|айди)", rest):
        return Heading("platform_id", platform=platform, confidence=90, bare=plain)
    is_total = re.search(r"\b(?:total|всего|общ\w+|жалпы|барлық)\b", rest) and _IS_FOLLOWERS.search(rest)
    if _IS_CHANGE.search(rest) and not is_total:
        return Heading("change", platform=platform, confidence=90, bare=plain)
    if _METRIC.fullmatch(rest):
        return Heading("left", "metric", platform, confidence=85, bare=plain)
    if _IS_OTHER.search(rest) and not re.search(r"followers?|subscribers?|подписчик|жазылушы", rest):
        return Heading("left", "other", platform, confidence=85, bare=plain)
    if "%" in plain:
        return Heading("change", platform=platform, confidence=80, bare=plain)
    if _IS_FOLLOWERS.search(rest) and _NOT_ALL_FOLLOWERS.search(plain):
        return Heading("left", "other", platform, confidence=85, bare=plain)
    if _IS_FOLLOWERS.search(rest) and _WITHIN.search(plain) and not is_total:
        return Heading("change", platform=platform, confidence=80, bare=plain)
    if _IS_FOLLOWERS.search(rest):
        # Beside what there was at the end of a period, what there was at its start is not the count.
        confidence = 70 if _AT_THE_START.search(rest) else 92 if _IS_FOLLOWERS.fullmatch(rest) else 90
        return Heading("followers", "", platform, unit, confidence, plain)
    for role, shape in _COMPILED:
        if shape.fullmatch(rest):
            name, _, why = role.partition(":")
            is_weak = (name == "actor" and _OF_WHOEVER_WRITES.search(rest)) or (
                name == "day" and _BEGINNING.search(rest)
            )
            return Heading(name, why, platform, unit, 60 if is_weak else 80, plain)
    return Heading("", platform=platform, unit=unit, confidence=40 if platform else 0, bare=plain)


def without_platform(text: str) -> tuple[str, str]:
    """Take "Ministry of Labour (Facebook)" apart into platform and name; ("", "") where no name or no platform is left."""
    plain = " ".join(text.split())
    platform, rest = _with_platform(plain.casefold())
    place = plain.casefold().find(rest) if platform and rest else -1
    return (platform, plain[place : place + len(rest)]) if place >= 0 else ("", "")


def _with_platform(plain: str) -> tuple[str, str]:
    """Return the platform that one of the words names, and the other words."""
    words = re.split(r"[\s/(),:–—-]+", plain)
    codes = {
        platform_or_none(word): word for word in words if len(word) > 1 or (word == "x" and len(words) > 1)
    }
    codes.pop("", None)
    if len(codes) != 1:
        return "", plain
    code, word = next(iter(codes.items()))
    return code, " ".join(plain.replace(word, " ", 1).split()).strip(" ,:()-–—")


def without_unit(plain: str) -> tuple[str, int]:
    """Return a heading without its unit, and the unit: 1, a thousand or a million."""
    match = _UNIT.search(plain) or _LETTER_UNIT.search(plain)
    if match is None or re.search(r"\d", plain[: match.start()][-1:]):
        return plain, 1
    unit = unit_of(match["unit"])
    return (plain[: match.start()] + plain[match.end() :]).strip(" ,;()"), unit


def unit_of(word: str) -> int:
    """Return what a word for a unit stands for; 1 where it may be two of them."""
    if word.startswith(("млн", "миллион", "million", "mln")) or word == "m":
        return 1_000_000
    return 1 if word in ("м", "b") else 1000


def unit_of_title(text: str) -> int:
    """Return the unit that a title gives to the whole table; 1 where it gives none."""
    match = TITLE_UNIT.search(text.casefold())
    return unit_of((match["unit"] or match["kk"]).split()[0]) if match else 1


def unit_of_cell(text: str) -> int:
    """Return the unit that a cell names beside a count, people being 1; 0 where it names none."""
    plain = " ".join(text.casefold().split()).strip(" .()")
    if re.fullmatch(
        r"(?:чел(?:овек)?|ед(?:иниц\w*)?|шт|адам|people|persons?|followers|подписчик\w*|жазылушы\w*|1)", plain
    ):
        return 1
    bare, unit = without_unit(f"x, {text.casefold().strip()}")
    return unit if unit > 1 and bare == "x" else 0


def is_total(text: str) -> bool:
    """Tell whether a cell marks a row or column as a total or an average."""
    plain = " ".join(text.replace("\u00a0", " ").split()).strip(" *:.").casefold()
    return bool(TOTAL.fullmatch(plain))
