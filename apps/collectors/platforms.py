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
