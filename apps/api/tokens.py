"""Making, finding and revoking tokens: every write of them."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from apps.api.models import ApiToken, Scope
from apps.registry.models import Source
from apps.users.models import User

SIGN = "kzm"  # what every key begins with, so that one that was published by mistake is recognised
USE_NOTED_EVERY = timedelta(minutes=1)


def make(user: User, name: str, scopes: Iterable[Scope], expires_at: datetime | None) -> tuple[ApiToken, str]:
    """Make a token and its key, which is told this once and kept nowhere."""
    public, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    key = f"{SIGN}_{public}_{secret}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        prefix=f"{SIGN}_{public}",
        digest=digest(key),
        expires_at=expires_at,
    )
    return token, key


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def find(key: str) -> ApiToken | None:
    """Return the token that the key opens, if it is in force; that it was used is noted once a minute at most."""
    now = timezone.now()
    token = ApiToken.objects.in_force(now).filter(digest=digest(key)).first()
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def revoke(tokens: Iterable[ApiToken]) -> int:
    """Close the tokens from now on; count how many were open until now."""
    chosen = ApiToken.objects.filter(pk__in=[token.pk for token in tokens], revoked_at=None)
    return chosen.update(revoked_at=timezone.now())


def source_of(token: ApiToken) -> Source:
    """Return the source under which a token's rows are recorded when they name none: it says which token."""
    source, _made = Source.objects.get_or_create(
        key=f"token-{token.prefix.removeprefix(f'{SIGN}_')}",
        defaults={
            "kind": Source.Kind.IMPORT,
            "title": f"Sent by the collector “{token.name}” (token {token.prefix})",
        },
    )
    return source
