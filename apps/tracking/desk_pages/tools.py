"""The desk's own pages as its first page names them, with what waits in each."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.tracking import rounds
from apps.tracking.models import ImportBatch
from apps.users.models import User


@dataclass(frozen=True)
class Tool:
    words: str
    address: str
    waiting: str = ""


def of(request: HttpRequest) -> list[Tool]:
    """Those that the user may use."""
    found = []
    if request.user.has_perm("tracking.add_account"):
        found.append(Tool(_("Add accounts in bulk"), reverse("admin:tracking_bulk")))
    if request.user.has_perm("tracking.change_account"):
        due = rounds.due().count()
        words = ngettext("%(due)d account is due", "%(due)d accounts are due", due) % {"due": due}
        found.append(Tool(_("Reading round"), reverse("admin:tracking_round"), words if due else ""))
        found.append(Tool(_("Merge two accounts"), reverse("admin:tracking_merge", args=["accounts"])))
    if request.user.has_perm("tracking.change_actor"):
        found.append(Tool(_("Merge two actors"), reverse("admin:tracking_merge", args=["actors"])))
    if request.user.has_perm("tracking.add_importbatch"):
        count = ImportBatch.objects.filter(stage=ImportBatch.Stage.CHECKED).count()
        words = ngettext("%(count)d file waits", "%(count)d files wait", count) % {"count": count}
        found.append(Tool(_("Import past counts"), reverse("admin:tracking_import"), words if count else ""))
    if isinstance(request.user, User) and request.user.is_superuser:
        found.append(Tool(_("Invite"), reverse("admin:users_invite")))
    return found
