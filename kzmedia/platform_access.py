"""Access to platforms: keys and addresses. An empty key leaves a platform unconfigured; an address is for test servers."""

from kzmedia.environment import Environment


def collectors(env: Environment) -> dict[str, dict[str, str]]:
    """Return by platform what its adapter is handed."""
    return {
        "telegram": {
            "page_url": env.address("TELEGRAM_URL", "https://t.me"),
            "api_url": env.address("TELEGRAM_API_URL", "https://api.telegram.org"),
            "token": env.secret("TELEGRAM_BOT_TOKEN"),
        },
        "bluesky": {"api_url": env.address("BLUESKY_API_URL", "https://public.api.bsky.app")},
        "youtube": {
            "api_url": env.address("YOUTUBE_API_URL", "https://www.googleapis.com"),
            "key": env.secret("YOUTUBE_API_KEY"),
        },
        "facebook": {
            "api_url": env.address("FACEBOOK_API_URL", "https://graph.facebook.com"),
            "token": env.secret("FACEBOOK_TOKEN"),
        },
        "instagram": {
            "api_url": env.address("INSTAGRAM_API_URL", "https://graph.facebook.com"),
            "token": env.secret("INSTAGRAM_TOKEN"),
            "user_id": env.secret("INSTAGRAM_USER_ID"),
        },
        "threads": {
            "api_url": env.address("THREADS_API_URL", "https://graph.threads.com"),
            "token": env.secret("THREADS_TOKEN"),
        },
        "x": {
            "api_url": env.address("X_API_URL", "https://api.x.com"),
            "token": env.secret("X_BEARER_TOKEN"),
        },
        "vk": {
            "api_url": env.address("VK_API_URL", "https://api.vk.com"),
            "token": env.secret("VK_TOKEN"),
        },
        # {host} stands for the account's own server.
        "mastodon": {"api_url": env.address("MASTODON_API_URL", "https://{host}")},
        "ok": {
            "api_url": env.address("OK_API_URL", "https://api.ok.ru"),
            "application_key": env.secret("OK_APPLICATION_KEY"),
            "secret_key": env.secret("OK_SECRET_KEY"),
            "access_token": env.secret("OK_ACCESS_TOKEN"),
        },
    }
