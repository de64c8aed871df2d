"""TikTok profiles: exact in the page's own data, which is there when the site did not take the crawler for a robot."""

from typing import Final

from apps.collectors.archived.pages import (
    NoNumber,
    NoNumberReason,
    Page,
    Shown,
    check_handle,
    dig,
    json_at,
    nothing,
    whole,
    word,
)
from apps.collectors.types import Target

# Where the data stands, from 2023 on and from 2019 to 2023
PLACES: Final = (
    ('id="__UNIVERSAL_DATA_FOR_REHYDRATION__"', ("__DEFAULT_SCOPE__", "webapp.user-detail")),
    ('id="__NEXT_DATA__"', ("props", "pageProps")),
)


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the profile."""
    return (f"tiktok.com/@{target.handle}",) if target.handle else ()


def read(page: Page) -> Shown:
    """Return the count of followers; raises NoNumber."""
    for mark, keys in PLACES:
        place = page.text.find(mark)
        if place < 0:
            continue
        detail = dig(json_at(page.text, place + len(mark)), *keys)
        if dig(detail, "statusCode") not in (0, None):
            raise NoNumber(NoNumberReason.GONE, f"statusCode {word(dig(detail, 'statusCode'))}")
        shown = whole(dig(detail, "userInfo", "stats", "followerCount"))
        if shown:
            check_handle(page, dig(detail, "userInfo", "user", "uniqueId"))
            return Shown(
                shown.followers, "exact", shown.words, word(dig(detail, "userInfo", "user", "id"))[:30]
            )
    raise nothing(page)
