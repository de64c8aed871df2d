"""t.me and the Bot API. States: counted, group, person, bot, hidden (a page without count), private, kicked."""

import html
from urllib.parse import unquote

from tests.platforms.world import Known, Reply, Request, World, as_json, page

TOKEN = "123456:local-token"  # noqa: S105 (opens nothing but this server)
PAGE = """<!DOCTYPE html>
<html><head><title>Telegram: View @{name}</title>
<meta property="og:title" content="{og}"></head>
<body class="no_transition"><div class="tgme_page_wrap"><div class="tgme_page">
{body}
</div></div></body></html>
<!-- page generated in 10.1ms -->
"""


def answer_page(world: World, request: Request) -> Reply:
    parts = [unquote(part) for part in request.path.split("/") if part]
    if parts[:1] == ["s"]:
        return _preview(world, parts[1], request)
    known = world.find("telegram", parts[0])
    if known is None:
        return page(_page(parts[0], f"Telegram: Contact @{parts[0]}", '<i class="tgme_icon_user"></i>'))
    return page(_page(known.handle, known.title, _shown(known)))


def _page(name: str, og: str, body: str) -> str:
    return PAGE.format(name=name, og=html.escape(og), body=body)


def _shown(known: Known) -> str:
    badge = '<i class="verified-icon"></i>' if known.verified else ""
    title = f'<div class="tgme_page_title" dir="auto"><span dir="auto">{html.escape(known.title)}</span>{badge}</div>'
    return title + "".join(f'\n<div class="tgme_page_extra">{extra}</div>' for extra in _extras(known))


def _extras(known: Known) -> list[str]:
    if "extras" in known.more:
        return list(known.more["extras"])
    number = f"{known.followers or 0:,}".replace(",", " ")
    return {
        "counted": [f"{number} subscriber{'' if known.followers == 1 else 's'}"],
        "group": [f"{number} members, 314 online"],
        "person": [f"@{known.handle}"],
        "bot": [f"@{known.handle}", f"{number} monthly users"],
    }.get(known.state, [])


def _preview(world: World, name: str, request: Request) -> Reply:
    known = world.find("telegram", name)
    short = known.more.get("short", "") if known else ""
    if known is None or not short:
        return page("", 302, Location=f"{request.base}/{name}")
    body = (
        f'<div class="tgme_channel_info_header_title"><span dir="auto">{html.escape(known.title)}</span></div>'
        '<div class="tgme_channel_info_counters">'
        f'<div class="tgme_channel_info_counter"><span class="counter_value">{short}</span> '
        '<span class="counter_type">subscribers</span></div>'
        '<div class="tgme_channel_info_counter"><span class="counter_value">3.1K</span> '
        '<span class="counter_type">photos</span></div></div>'
    )
    return page(_page(name, known.title, body))


def answer_api(world: World, request: Request) -> Reply:
    _, bot, method = request.path.split("/")
    if bot != f"bot{TOKEN}":
        return _failure(404, "Not Found") if ":" not in bot else _failure(401, "Unauthorized")
    known = world.find("telegram", request.one("chat_id").removeprefix("@"))
    if known is None or known.state == "person":
        return _failure(400, "Bad Request: chat not found")
    if known.state == "private":
        return _failure(403, "Forbidden: bot is not a member of the channel chat")
    if known.state == "kicked":
        return _failure(403, "Forbidden: bot was kicked from the channel chat")
    if method == "getChatMemberCount":
        return as_json({"ok": True, "result": known.followers})
    kind = {"group": "supergroup", "bot": "private"}.get(known.state, "channel")
    return as_json(
        {
            "ok": True,
            "result": {
                "id": int(known.id or -1001000000001),
                "title": known.title,
                "username": known.handle,
                "active_usernames": [known.handle],
                "type": kind,
            },
        }
    )


def _failure(code: int, description: str) -> Reply:
    return as_json({"ok": False, "error_code": code, "description": description}, code)


def flood(seconds: int) -> Reply:
    return as_json(
        {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {seconds}",
            "parameters": {"retry_after": seconds},
        },
        429,
    )
