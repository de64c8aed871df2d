"""Authentication of requests: a program with a token, somebody signed in, or anybody."""

from typing import Any

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.api import tokens
from apps.api.models import ApiToken, Scope
from apps.users.models import User

SCHEME = "Bearer"
LONGEST_KEY = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer kzm_...`. A header of another scheme is nobody's; a key that opens nothing is a 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = tokens.find(key.strip()) if 0 < len(key) <= LONGEST_KEY and key.isascii() else None
        if token is None:
            raise exceptions.AuthenticationFailed
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="KZMedia"'


class MayRead(BasePermission):
    """Anybody; a token only if reading is among its scopes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not isinstance(request.auth, ApiToken) or Scope.READ in request.auth.scopes


class MayWriteSnapshots(BasePermission):
    """Whoever may add snapshots at the desk; a token only if it was made for that."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiToken) and Scope.WRITE_SNAPSHOTS not in request.auth.scopes:
            return False
        user: Any = request.user
        return bool(user.is_active and user.has_perm("snapshots.add_snapshot"))


class MayImport(MayWriteSnapshots):
    """Whoever may import tables at the desk; a token only if it was made for writing."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        return super().has_permission(request, view) and bool(user.has_perm("intake.add_importbatch"))


class MayAddAccounts(MayWriteSnapshots):
    """Whoever may add accounts at the desk; a token only if it was made for writing."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        return super().has_permission(request, view) and user.has_perms(
            ("registry.add_account", "registry.add_actor")
        )
