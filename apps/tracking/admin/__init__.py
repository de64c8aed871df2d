"""The editor's desk on Django's admin: one module a subject."""

from apps.tracking.admin import accounts, actors, asking, changes, collecting, snapshots

__all__ = ["accounts", "actors", "asking", "changes", "collecting", "snapshots"]
