"""The reading round: the accounts that no program reads, in one form that the keyboard gets through."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.backoffice import manual_entry
from apps.backoffice.forms import ReadingForm, today
from apps.backoffice.models import ManualClaim
from apps.backoffice.pages.uploads import InMemory, takes_files
from apps.collecting import adapters
from apps.common.grids import MEGABYTE
from apps.registry.models import Account
from apps.snapshots.models import Screenshot, with_latest
from apps.snapshots.recording import Verdict
from apps.users.models import User

LIMIT = 55 * MEGABYTE  # ten pictures


class RoundForm(ReadingForm):
    """One account of the round. An untouched one says nothing."""

    picture = forms.FileField(
        label=_("Screenshot"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        required=False,
        help_text=_("PNG, JPEG or WebP, up to 5 MB. Only editors see it."),
    )
    field_order = ("count", "state", "evidence", "picture", "confirmed")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, account=account, prefix=f"a{account.pk}", **kwargs)
        self.fields["count"].widget.attrs |= {"autocomplete": "off", "inputmode": "text", "size": 12}
        self.shot: manual_entry.Picture | None = None

    @property
    def is_filled(self) -> bool:
        """Whether a count stands in the box, or a state in its place."""
        return bool(self["count"].value()) or self["state"].value() not in (None, "", "counted")

    def clean_picture(self) -> None:
        upload = self.cleaned_data["picture"]
        if not upload:
            return
        try:
            self.shot = manual_entry.picture(upload.read(manual_entry.LARGEST_PICTURE + 1))
        except manual_entry.NotAPicture:
            raise forms.ValidationError(
                _("This is no PNG, JPEG or WebP of up to 5 MB."), code="picture"
            ) from None


@require_http_methods(["GET", "POST"])
@takes_files(LIMIT, InMemory)
def round_view(request: HttpRequest) -> HttpResponse:
    """Ten accounts at a time; whatever is filled in is saved at once, whoever leaves loses nothing."""
    if not request.user.has_perm("registry.change_account"):
        raise PermissionDenied
    by: User = request.user  # type: ignore[assignment]  # admin_view lets only users in
    if "take" in request.POST:
        if not manual_entry.take(by):
            messages.info(request, _("Nothing is due: every account that is read by hand has been read."))
        return _again()
    if "leave" in request.POST:
        manual_entry.leave(by)
        return HttpResponseRedirect(reverse("admin:index"))
    turns = manual_entry.turns_of(by)
    if request.method == "POST":
        manual_entry.keep_alive(by, turns)
    forms_shown = _forms(request, by, turns)
    if request.method == "POST" and not any(form.errors for form in forms_shown.values()):
        return _again()
    return render(request, "backoffice/round.html", _context(request, turns, forms_shown))


def _again() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:backoffice_round"))


def _forms(request: HttpRequest, by: User, turns: list[ManualClaim]) -> dict[int, RoundForm]:
    """A form for each account that is still to be read; what was filled in is saved on the way."""
    shown: dict[int, RoundForm] = {}
    for turn in turns:
        if turn.done_at or turn.skipped_until:
            continue
        account = turn.account
        if request.POST.get("skip") == str(account.pk):
            manual_entry.skip(by, account)
            continue
        form = RoundForm(request.POST or None, request.FILES or None, account=account)
        if request.method == "POST" and form.is_filled:
            if form.is_valid() and _save(request, by, account, form):
                continue
        elif request.method == "POST":
            form = RoundForm(account=account)
        shown[account.pk] = form
    return shown


def _save(request: HttpRequest, by: User, account: Account, form: RoundForm) -> bool:
    """The number first, the picture after it: a disk without room loses no number."""
    if not manual_entry.holds(by, account):
        form.add_error(None, _("Another editor has taken over this account. Your number was not saved."))
        return False
    recorded = form.record(by)
    if recorded.verdict == Verdict.CONFLICT:
        form.add_error(
            None,
            _(
                "Another value stands for today already. It was kept; correct it with a reason if it is wrong."
            ),
        )
        return False
    manual_entry.done(by, account)
    if form.shot:
        _keep(request, by, account, form.shot)
    return True


def _keep(request: HttpRequest, by: User, account: Account, shot: manual_entry.Picture) -> None:
    snapshot = account.snapshots.order_by("-day", "-span").first()
    try:
        manual_entry.keep_picture(account, snapshot, shot, by)
    except OSError:
        words = _now(
            "The number of %(account)s was recorded, its picture was not: the server's disk has no room."
        )
        messages.error(request, words % {"account": account})


def _context(request: HttpRequest, turns: list[ManualClaim], shown: dict[int, RoundForm]) -> dict[str, Any]:
    values = {row.pk: row for row in with_latest(Account.objects.filter(pk__in=shown))}
    first = next((pk for pk, form in shown.items() if form.errors), next(iter(shown), None))
    rows = []
    for turn in turns:
        form = shown.get(turn.account_id)
        if form and turn.account_id == first:
            form.fields["count"].widget.attrs["autofocus"] = True
        if form:
            rows.append((turn.account, adapters.url(turn.account), values[turn.account_id], form))
    return {
        **admin.site.each_context(request),
        "title": _("Manual entry round"),
        "rows": rows,
        "total": len(turns),
        "finished": len(turns) - len(rows),
        "due": manual_entry.due().count(),
        "day": today(),
    }


@require_GET
def screenshot(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """A picture as a download, never shown in the page: what is in it was not made by us."""
    if not request.user.has_perm("registry.view_account"):
        raise PermissionDenied
    shot = get_object_or_404(Screenshot, pk=pk)
    try:
        file = manual_entry.path_of(shot).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        file, as_attachment=True, filename=f"{shot.pk}.{shot.kind}", content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
