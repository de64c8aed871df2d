"""Knows the name of the bot that sends alerts, so that pages can name it and link to it.

A worker asks Telegram, pages read the cache: no page waits for another site.
"""

import json

from django.conf import settings
from django.core.cache import cache

from apps.common import http

KEPT_SECONDS = 86_400
RETRY_SECONDS = 900
ANSWER_BYTES = 65_536


def key() -> str:
    """Return the cache key; another token is another bot."""
    return f"alerts.bot.{settings.TELEGRAM_ALERT_TOKEN.partition(':')[0]}"


def name() -> str:
    """Return the bot's user name without @, "" where there is no bot or its name is not known yet."""
    return (cache.get(key()) or "") if settings.TELEGRAM_ALERT_TOKEN else ""


def learn_name() -> None:
    """Ask Telegram for the bot's name unless it is known; a failure is not repeated for a quarter of an hour."""
    if not settings.TELEGRAM_ALERT_TOKEN or cache.get(key()) is not None:
        return
    url = f"{settings.TELEGRAM_ALERT_URL}/bot{settings.TELEGRAM_ALERT_TOKEN}/getMe"
    with http.Client(settings.CONTACT, total_seconds=20, max_bytes=ANSWER_BYTES) as client:
        try:
            answer = client.send("POST", url, form={})
        except http.Failed:
            cache.set(key(), "", RETRY_SECONDS)
            return
    username = user_name(answer.body) if answer.status == 200 else ""
    cache.set(key(), username, KEPT_SECONDS if username else RETRY_SECONDS)


def user_name(body: bytes) -> str:
    try:
        result = json.loads(body)["result"]["username"]
    except (ValueError, KeyError, TypeError):
        return ""
    return (
        result if isinstance(result, str) and result.isascii() and result.replace("_", "").isalnum() else ""
    )
