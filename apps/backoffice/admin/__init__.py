"""The editor's desk on Django's admin: one module a subject."""

from apps.backoffice.admin import (
    accounts,
    actors,
    changes,
    collecting,
    context,
    correction_requests,
    held,
    identity,
    snapshots,
)

__all__ = [
    "accounts",
    "actors",
    "changes",
    "collecting",
    "context",
    "correction_requests",
    "held",
    "identity",
    "snapshots",
]
