"""The second factor of editors and admins: a password and an authenticator app, a security key or a recovery code.

A session remembers how it was proven (allauth's records). A password alone opens nothing to those who must have a second
factor but the pages that set one up; and where they have one, only the page that asks for it.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.users.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for one


def is_needed(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and (user.is_staff or user.is_superuser)


def is_proven(request: HttpRequest) -> bool:
    """Tell whether this session was opened, or confirmed since, with a second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def of(user: User | AnonymousUser) -> QuerySet[Any]:
    """Return the second factors that a person has, recovery codes not among them."""
    found: QuerySet[Any] = Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS)
    return found


def take_off(user: User) -> int:
    """Forget all of a person's second factors, for whom has lost them. Gives how many there were."""
    count = of(user).count()
    Authenticator.objects.filter(user=user).delete()
    return count


def on_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    """Count setting one up as proof: the code or the key has just been checked."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", type=authenticator.type, id=authenticator.pk)
