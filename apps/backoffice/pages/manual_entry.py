"""Read by hand: the accounts that no program reads, ten at a time, in one form that the keyboard gets through.

Enter in a filled box records that account alone and goes on (round.js); without scripts Enter saves all that is filled in.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.backoffice import manual_entry
from apps.backoffice.echo import echo
from apps.backoffice.forms import ReadingForm, today
from apps.backoffice.models import ManualClaim
from apps.backoffice.pages.uploads import InMemory, takes_files
from apps.collecting import adapters
from apps.common import file_store, shared_files
from apps.common.grids import MEGABYTE
from apps.registry.models import Account
from apps.snapshots.models import Screenshot, Snapshot, State
from apps.snapshots.recording import Verdict
from apps.users.models import User

LIMIT = 55 * MEGABYTE  # ten pictures
# What is seen in place of a count, each on one key.
STATES = (
    (State.HIDDEN, "F2", pgettext_lazy("seen", "Count hidden")),
    (State.ABSENT, "F4", pgettext_lazy("seen", "No such page")),
    (State.PRIVATE, "F8", pgettext_lazy("seen", "Private")),
    (State.SUSPENDED, "", pgettext_lazy("seen", "Suspended")),
)


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
        self.fields["count"].widget.attrs |= {"autocomplete": "off", "inputmode": "text", "size": 14}
        self.fields["state"].widget = forms.HiddenInput()
        self.shot: manual_entry.Picture | None = None

    @property
    def is_filled(self) -> bool:
        """Tell whether a count stands in the box, or a state in its place."""
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


@dataclass(frozen=True)
class AccountToRead:
    """An account that is still to be read, as the page shows it."""

    account: Account
    address: str
    last: Snapshot | None
    form: RoundForm


@require_http_methods(["GET", "POST"])
@takes_files(LIMIT, InMemory)
def round_view(request: HttpRequest) -> HttpResponse:
    """Show ten accounts at a time; whatever is filled in is saved at once, whoever leaves loses nothing."""
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
    if "one" in request.POST:
        return _one(request, by, turns)
    forms_shown = _forms(request, by, turns)
    if request.method == "POST" and not any(form.errors for form in forms_shown.values()):
        return _again()
    return render(request, "backoffice/round.html", _context(request, turns, forms_shown))


@require_GET
def echo_view(request: HttpRequest) -> JsonResponse:
    """Say back what is typed in a box, before it is recorded."""
    if not request.user.has_perm("registry.change_account"):
        raise PermissionDenied
    return JsonResponse({"words": echo(request.GET.get("text", ""))})


def _again() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:backoffice_round"))


def _one(request: HttpRequest, by: User, turns: list[ManualClaim]) -> JsonResponse:
    """Record one account for round.js; returns whether it is done, and what to say."""
    turn = next((turn for turn in turns if str(turn.account_id) == request.POST["one"]), None)
    if turn is None or turn.done_at or turn.skipped_until:
        return JsonResponse({"done": True, "words": gettext("It is done already."), **_progress(by)})
    form = _form(request, by, turn)
    if form is None:
        words = gettext("Left for tomorrow.")
        return JsonResponse({"done": True, "words": words, **_progress(by)})
    if not form.is_filled:
        return JsonResponse({"done": False, "words": "", **_progress(by)})
    if form.is_valid() and _save(request, by, turn.account, form):
        return JsonResponse({"done": True, "words": _say_recorded(form), **_progress(by)})
    words = " ".join(str(error) for errors in form.errors.values() for error in errors)
    if form.jump and set(form.errors) == {"confirmed"}:
        words = form.question()
    return JsonResponse({"done": False, "jump": form.jump, "words": words, **_progress(by)})


def _say_recorded(form: RoundForm) -> str:
    if form.cleaned_data["count"] is None:
        return gettext("Recorded: %(what)s") % {"what": State(form.cleaned_data["state"]).label}
    return gettext("Recorded: %(what)s") % {"what": echo(str(form["count"].value()))}


def _progress(by: User) -> dict[str, int]:
    turns = manual_entry.turns_of(by)
    finished = sum(bool(turn.done_at or turn.skipped_until) for turn in turns)
    return {"finished": finished, "total": len(turns)}


def _forms(request: HttpRequest, by: User, turns: list[ManualClaim]) -> dict[int, RoundForm]:
    """Return a form for each account that is still to be read; what was filled in is saved on the way."""
    shown: dict[int, RoundForm] = {}
    for turn in turns:
        if turn.done_at or turn.skipped_until:
            continue
        form = _form(request, by, turn)
        if form is None:
            continue
        if request.method == "POST" and form.is_filled:
            if form.is_valid() and _save(request, by, turn.account, form):
                continue
        elif request.method == "POST":
            form = RoundForm(account=turn.account)
        shown[turn.account_id] = form
    return shown


def _form(request: HttpRequest, by: User, turn: ManualClaim) -> RoundForm | None:
    """Return the account's form with what was sent; None where its button left the account for tomorrow."""
    account = turn.account
    key = str(account.pk)
    if request.POST.get("skip") == key:
        manual_entry.skip(by, account)
        return None
    if request.POST.get("blocked") == key:
        manual_entry.block(by, account)
        return None
    data = request.POST.copy() if request.method == "POST" else None
    seen, _colon, state = request.POST.get("see", "").partition(":")
    if data is not None and seen == key:  # a button says what is seen in place of a count
        data[f"a{key}-state"], data[f"a{key}-count"] = state, ""
    return RoundForm(data, request.FILES or None, account=account)


def _save(request: HttpRequest, by: User, account: Account, form: RoundForm) -> bool:
    """Save the number first, the picture after it: a disk without room loses no number."""
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
    manual_entry.finish(by, account)
    if form.shot:
        _keep(request, by, account, form.shot)
    return True


def _keep(request: HttpRequest, by: User, account: Account, shot: manual_entry.Picture) -> None:
    snapshot = account.snapshots.order_by("-day", "-span").first()
    try:
        manual_entry.keep_picture(account, snapshot, shot, by)
    except OSError:
        words = gettext(
            "The number of %(account)s was recorded, its picture was not: the server's disk has no room."
        )
        messages.error(request, words % {"account": account})


def _context(request: HttpRequest, turns: list[ManualClaim], shown: dict[int, RoundForm]) -> dict[str, Any]:
    values = manual_entry.last_values(turn.account_id for turn in turns)
    first = next((pk for pk, form in shown.items() if form.errors), next(iter(shown), None))
    rows = []
    for turn in turns:
        form = shown.get(turn.account_id)
        if form and turn.account_id == first:
            form.fields["count"].widget.attrs["autofocus"] = True
        if form:
            rows.append(
                AccountToRead(turn.account, adapters.url(turn.account), values.get(turn.account_id), form)
            )
    return {
        **admin.site.each_context(request),
        "title": pgettext_lazy("task", "Read by hand"),
        "rows": rows,
        "states": STATES,
        "done": [(turn.account, values.get(turn.account_id)) for turn in turns if turn.done_at],
        "blocked": [turn.account for turn in turns if turn.is_blocked and not turn.done_at],
        "skipped": [turn.account for turn in turns if turn.skipped_until and not turn.is_blocked],
        "total": len(turns),
        "finished": len(turns) - len(rows),
        "due": manual_entry.due().count(),
        "day": today(),
    }


@require_GET
def screenshot(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a picture as a download, never shown in the page: what is in it was not made by us."""
    if not request.user.has_perm("registry.view_account"):
        raise PermissionDenied
    shot = get_object_or_404(Screenshot, pk=pk)
    try:
        answer = file_store.send(
            manual_entry.name_of(shot),
            as_attachment=True,
            filename=f"{shot.pk}.{shot.kind}",
            content_type="application/octet-stream",
        )
    except OSError:
        return shared_files.missing_answer()
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
