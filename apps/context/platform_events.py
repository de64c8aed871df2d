"""A day on which a platform changed many counts at once, as an event that charts are annotated with."""

from datetime import date

from django.utils.translation import gettext, override

from apps.collectors.platforms import PLATFORMS
from apps.context.models import Event


def key_of(platform: str, day: date, falls: bool) -> str:
    return f"{platform}-{'fall' if falls else 'rise'}-{day:%Y%m%d}"


def title_of(platform: str, falls: bool) -> str:
    """Return the event's title in the active language."""
    words = (
        gettext("%(platform)s: many counts fell on the same day")
        if falls
        else gettext("%(platform)s: many counts rose on the same day")
    )
    return words % {"platform": PLATFORMS[platform]}


def platform_event(platform: str, day: date, falls: bool) -> Event:
    """Return the event of that platform and day; create it if there is none."""
    titles = {}
    for language in ("kk", "ru", "en"):
        with override(language):
            titles[f"title_{language}"] = title_of(platform, falls)
    return Event.objects.get_or_create(
        key=key_of(platform, day, falls), defaults={"starts": day, "kind": Event.Category.PLATFORM, **titles}
    )[0]
