"""The desk's pages as the head of each of them names them: one a task, those that the user may use."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Task:
    words: str | Promise
    address: str
    is_here: bool


# What it is called, the name of its page, what the page is given, the right that it needs ("" for admins).
TASKS = (
    (pgettext_lazy("task", "What waits"), "index", (), None),
    (pgettext_lazy("task", "Add"), "backoffice_bulk", (), "registry.add_account"),
    (pgettext_lazy("task", "Confirm"), "backoffice_proposals", (), "registry.add_account"),
    (pgettext_lazy("task", "Read by hand"), "backoffice_round", (), "registry.change_account"),
    (pgettext_lazy("task", "Decide"), "snapshots_doubt_changelist", (), "snapshots.view_doubt"),
    (pgettext_lazy("task", "Correct"), "snapshots_snapshot_changelist", (), "snapshots.view_snapshot"),
    (
        pgettext_lazy("task", "Answer"),
        "snapshots_correctionrequest_changelist",
        (),
        "snapshots.view_correctionrequest",
    ),
    (pgettext_lazy("task", "Import"), "backoffice_import", (), "intake.add_importbatch"),
    (pgettext_lazy("task", "Merge"), "backoffice_merge", ("accounts",), "registry.change_account"),
    (pgettext_lazy("task", "Publish"), "backoffice_publish", (), "registry.change_actor"),
    (pgettext_lazy("task", "Accounts"), "registry_account_changelist", (), "registry.view_account"),
    (pgettext_lazy("task", "Actors"), "registry_actor_changelist", (), "registry.view_actor"),
    (pgettext_lazy("task", "History"), "backoffice_history", (), "users.view_change"),
    (pgettext_lazy("task", "Invite"), "users_invite", (), ""),
)


def tasks(request: HttpRequest) -> list[Task]:
    """Return those of the tasks that the user may do."""
    found = []
    for words, name, arguments, right in TASKS:
        is_open = right is None or (request.user.has_perm(right) if right else request.user.is_superuser)
        if is_open:
            address = reverse(f"admin:{name}", args=arguments)
            is_here = request.path == address or (name != "index" and request.path.startswith(address))
            found.append(Task(words, address, is_here))
    return found
