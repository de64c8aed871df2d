"""The collectors with this installation's keys and addresses: where settings meet plain Python."""

import hmac
import json

from django.conf import settings

from apps.collectors import registry
from apps.collectors.platforms import SOURCES
from apps.collectors.types import Collector, Target
from apps.registry.models import Account, Source
from apps.snapshots import terms


def is_collected(platform: str) -> bool:
    """Tell whether a program can read the platform at all."""
    return platform in registry.COLLECTORS


def ready() -> list[str]:
    """Return the platforms that are read here: a program, its credentials and the operator's choice of terms are
    there."""
    return [
        code
        for code in registry.COLLECTORS
        if make(code).is_configured and not terms.find_missing_setting(code)
    ]


def make(platform: str) -> Collector:
    return registry.COLLECTORS[platform](**settings.COLLECTORS.get(platform, {}), contact=settings.CONTACT)


def fingerprint(platform: str) -> str:
    """Return 16 letters that other keys or addresses of the platform would not have; they show none of them."""
    known = json.dumps(settings.COLLECTORS.get(platform, {}), sort_keys=True, default=str)
    return hmac.new(settings.SECRET_KEY.encode(), known.encode(), "sha256").hexdigest()[:16]


def parse(text: str, platform: str = "") -> Target:
    """Return the account an address names; a bare @handle needs the platform. Raises NotAnAccount; nothing is fetched."""
    return registry.parse(text, platform)


def url(account: Account) -> str:
    """Return the public address of the account; "" where it is not known."""
    if not account.has_address:
        return ""
    return address(Target(account.platform, account.handle, account.platform_id))


def address(target: Target) -> str:
    """Return the public address of what an address named."""
    return registry.url(target)


def source_id(collector: Collector) -> int:
    """Return the Source that the collector's readings are recorded under; made at the first one."""
    kind, title, address = SOURCES[collector.source]
    source, _ = Source.objects.get_or_create(
        key=collector.source, defaults={"kind": kind, "title": title, "url": address}
    )
    return source.pk
