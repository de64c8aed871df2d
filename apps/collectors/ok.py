"""Odnoklassniki groups."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("ok.ru", "odnoklassniki.ru")
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{2,64}")
ID: Final = re.compile(r"[0-9]{5,25}")
RESERVED: Final = {
    **words(Refusal.VIDEO, "video live videoembed clips"),
    **words(Refusal.SEARCH, "search hashtag"),
    **words(Refusal.POST, "topic photo photos album"),
    **words(
        Refusal.RESERVED,
        "dk feed music games gifts help messages guests discussions settings marks login online groups friends "
        "profile group about apphook terms regulations business ads mobile cdk st.cmd app vitrine shopping",
    ),
}


def parse(text: str) -> Target:
    """The group or person an address, name or number names; raises NotAnAccount."""
    address, name = pasted(text, HOSTS)
    if address is None:
        return _target(name)
    first, second = address.part(0), address.part(1)
    if first == "group" and second:
        return _by_id(second) if second[0].isdecimal() else _target(second)
    if first == "profile" and second:
        return _person(second)
    refuse_reserved(address, RESERVED)
    return _target(first)


def url(target: Target) -> str:
    if target.handle:
        return f"https://ok.ru/{quote(target.handle)}"
    return f"https://ok.ru/group/{quote(target.platform_id, safe='')}" if target.platform_id else ""


def _by_id(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("ok", platform_id=number)


def _person(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("ok", handle=f"profile/{number}")


def _target(name: str) -> Target:
    numbered = re.fullmatch(r"group([0-9]{5,25})", name)
    if numbered:
        return _by_id(numbered[1])
    return _by_id(name) if ID.fullmatch(name) else Target("ok", name_or_refuse(name, NAME, RESERVED))
