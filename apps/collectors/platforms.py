"""The platforms that are known, whether or not a program can read them."""

from typing import Final

# code -> the platform's own name, the same in every language
PLATFORMS: Final[dict[str, str]] = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "youtube": "YouTube",
    "x": "X",
    "telegram": "Telegram",
    "tiktok": "TikTok",
    "vk": "VK",
    "threads": "Threads",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "ok": "OK.ru",
    "whatsapp": "WhatsApp",
}

# Under which source a platform's numbers are recorded: key -> (kind as in tracking's Source.Kind, title, address)
SOURCES: Final[dict[str, tuple[str, str, str]]] = {
    "page-telegram": ("page", "Telegram, public page of the channel", "https://t.me/"),
    "api-telegram": ("api", "Telegram Bot API", "https://core.telegram.org/bots/api"),
    "api-bluesky": (
        "api",
        "Bluesky, public API",
        "https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles",
    ),
    "api-youtube": (
        "api",
        "YouTube Data API",
        "https://developers.google.com/youtube/v3/docs/channels/list",
    ),
    "api-facebook": (
        "api",
        "Facebook Graph API",
        "https://developers.facebook.com/docs/graph-api/reference/page/",
    ),
    "api-instagram": (
        "api",
        "Instagram Graph API, business discovery",
        "https://developers.facebook.com/docs/instagram-platform/",
    ),
    "api-threads": ("api", "Threads API", "https://developers.facebook.com/docs/threads/"),
    "api-x": ("api", "X API", "https://docs.x.com/x-api/users/lookup/introduction"),
    "api-vk": ("api", "VK API", "https://dev.vk.com/method/groups.getById"),
    "api-mastodon": (
        "api",
        "Mastodon, API of the account's server",
        "https://docs.joinmastodon.org/methods/accounts/",
    ),
    "api-ok": ("api", "OK.ru API", "https://apiok.ru/dev/methods/rest/group/group.getInfo"),
}
