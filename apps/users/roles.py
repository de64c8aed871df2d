"""Roles and their permissions, all of them.

| role | is | may |
|---|---|---|
| reader | nobody signed in | read, report a mistake |
| viewer | signed in | own alerts and tokens' reads |
| press officer | a Membership of a body (tracking) | also: that body's *my standing*, its notes, editions |
| editor | `is_staff` | also: the desk, that is all data, but neither people nor tokens nor memberships |
| admin | `is_superuser` | everything |

Pages and the desk ask Django (`user.has_perm`); what a role may is a rule here and not rows to keep in order.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser

from apps.users.models import User

DATA = (
    "registry",
    "snapshots",
    "collecting",
    "intake",
    "backoffice",
    "context",
)  # the apps whose tables an editor keeps
AUDIT = "change"  # of users' own tables an editor sees this one alone
ADMINS_ONLY = frozenset({"membership"})  # who works for whom decides who may speak for whom


class RolePermissions(BaseBackend):
    """Gives editors the permissions of their role, beside whatever rows of permissions they have."""

    def get_user_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        if not (isinstance(user_obj, User) and user_obj.is_active and user_obj.is_staff and obj is None):
            return set()
        return set(editors())

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        return app_label in (*DATA, "users") and bool(self.get_user_permissions(user_obj))


@cache
def editors() -> frozenset[str]:
    """Return the permissions of an editor, as `app.action_model`."""
    return frozenset(
        f"{label}.{action}_{model._meta.model_name}"
        for label in (*DATA, "users")
        for model in apps.get_app_config(label).get_models()
        if (
            model._meta.model_name == AUDIT if label == "users" else model._meta.model_name not in ADMINS_ONLY
        )
        for action in model._meta.default_permissions
    )
