"""The desk's own pages as its first page names them, with what waits in each."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.backoffice import manual_entry
from apps.intake.models import ImportBatch
from apps.users.models import User


@dataclass(frozen=True)
class Tool:
    words: str
    address: str
    waiting: str = ""


def of(request: HttpRequest) -> list[Tool]:
    """Those that the user may use."""
    found = []
    if request.user.has_perm("registry.add_account"):
        found.append(Tool(_("Add accounts in bulk"), reverse("admin:backoffice_bulk")))
    if request.user.has_perm("registry.change_account"):
        due = manual_entry.due().count()
        words = ngettext("%(due)d account is due", "%(due)d accounts are due", due) % {"due": due}
        found.append(Tool(_("Manual entry round"), reverse("admin:backoffice_round"), words if due else ""))
        found.append(Tool(_("Merge two accounts"), reverse("admin:backoffice_merge", args=["accounts"])))
    if request.user.has_perm("registry.change_actor"):
        found.append(Tool(_("Merge two actors"), reverse("admin:backoffice_merge", args=["actors"])))
    if request.user.has_perm("intake.add_importbatch"):
        count = ImportBatch.objects.filter(stage=ImportBatch.Stage.CHECKED).count()
        words = ngettext("%(count)d file waits", "%(count)d files wait", count) % {"count": count}
        found.append(
            Tool(_("Import past counts"), reverse("admin:backoffice_import"), words if count else "")
        )
    if isinstance(request.user, User) and request.user.is_superuser:
        found.append(Tool(_("Invite"), reverse("admin:users_invite")))
    return found
