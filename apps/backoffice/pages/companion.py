"""The companion: what an editor pointed at in her browser is looked at, then recorded; and its page on the desk.

Both addresses take and give JSON, from a function that the companion runs in the desk's own open page: the session, the
second factor and the form's token are those of the desk.
"""

import binascii
import json
from base64 import b64decode
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.backoffice import companion, companion_terms, manual_entry
from apps.backoffice.companion import Candidate, Look, Wording
from apps.backoffice.templatetags.desk import latest_value, value
from apps.collecting import adapters
from apps.collectors.types import NotAnAccount, Target
from apps.figures import formats
from apps.registry.models import Account
from apps.registry.platforms import ALL
from apps.registry.services import find_account
from apps.registry.words import not_an_account
from apps.snapshots import manual
from apps.snapshots.models import Bound, Precision, Snapshot, State, with_latest
from apps.snapshots.recording import Verdict
from apps.snapshots.words import NOT_A_COUNT
from apps.users.models import User

LONGEST_ADDRESS = 2000


class NotToBeRead(Exception):
    """Nothing can be recorded from this page; the text says why, to the editor."""

    def __init__(self, why: str | Promise) -> None:
        super().__init__(str(why))
        self.why = str(why)


class BadRequest(ValueError):
    """The request is none that the companion sends."""


@never_cache
@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """Show what the companion does, where it is turned on, and what the platforms' terms say."""
    _editor(request)
    turned_on = companion.chosen_platforms()
    context = {
        **admin.site.each_context(request),
        "title": _("Companion"),
        "platforms": companion_terms.of_all(turned_on),
        "is_on": bool(turned_on),
        "is_operator": request.user.is_superuser,
    }
    return render(request, "backoffice/companion.html", context)


@never_cache
@require_POST
def look(request: HttpRequest) -> JsonResponse:
    """Say whose page is open and how what was pointed at reads. Nothing is recorded."""
    by = _editor(request)
    try:
        sent = _read_body(request)
        address, wordings = _address(sent), _wordings(sent)
    except BadRequest as error:
        return JsonResponse({"why": str(error)}, status=400)
    account = None
    try:
        account, target = _account(address, by)
        looked = companion.look_at(account, target, wordings)
        answer = {"who": _who(account), "last": _last(account), **_offer(looked)}
    except NotToBeRead as error:
        answer = {"why": error.why}
    return JsonResponse(_with_next(answer, by, account))


@never_cache
@require_POST
def save(request: HttpRequest) -> JsonResponse:
    """Record the candidate that the editor chose, with its picture, and say which account is next."""
    by = _editor(request)
    try:
        sent = _read_body(request)
        address, wordings, shot = _address(sent), _wordings(sent), _picture(sent)
    except BadRequest as error:
        return JsonResponse({"why": str(error)}, status=400)
    account = None
    try:
        account, target = _account(address, by)
        candidate = _candidate(companion.look_at(account, target, wordings), sent.get("chosen"))
        last = manual.jump_from(account, candidate.count.followers)
        if last is not None and sent.get("sure") is not True:
            words = _("The last count was %(last)s. If the new one is right, confirm it.")
            why = words % {"last": number_format(last, force_grouping=True)}
            return JsonResponse(_with_next({"why": why, "jump": True}, by, account))
        _record(account, candidate, _evidence(address, target), by)
        answer = {"saved": _("Recorded: %(value)s.") % {"value": _reading(candidate)}}
        answer |= _keep(account, candidate, shot, by)
    except NotToBeRead as error:
        answer = {"why": error.why}
    return JsonResponse(_with_next(answer, by, account))


def _editor(request: HttpRequest) -> User:
    if not request.user.has_perm("registry.change_account"):
        raise PermissionDenied
    return request.user  # type: ignore[return-value]  # admin_view lets only users in


def _read_body(request: HttpRequest) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except ValueError:
        raise BadRequest("JSON") from None
    if not isinstance(sent, dict):
        raise BadRequest("JSON")
    return sent


def _address(sent: dict[str, Any]) -> str:
    address = sent.get("address")
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS or "\0" in address:
        raise BadRequest("address")
    return address


def _wordings(sent: dict[str, Any]) -> list[Wording]:
    raw = sent.get("seen")
    if not isinstance(raw, list) or len(raw) > companion.MOST_WORDINGS:
        raise BadRequest("seen")
    try:
        return [Wording.from_json(item) for item in raw]
    except ValueError as error:
        raise BadRequest(f"seen: {error}") from None


def _picture(sent: dict[str, Any]) -> manual_entry.Picture:
    try:
        return manual_entry.picture(b64decode(str(sent.get("picture", "")), validate=True))
    except (binascii.Error, manual_entry.NotAPicture):
        raise BadRequest("picture") from None


def _account(address: str, by: User) -> tuple[Account, Target]:
    """Return the account whose page is open, which the editor may read. Raises NotToBeRead."""
    try:
        target = adapters.parse(address)
    except NotAnAccount as refused:
        raise NotToBeRead(not_an_account(refused)) from None
    if target.platform not in companion.chosen_platforms():
        words = _("The companion is not turned on for %(platform)s. Type the number in on the desk.")
        raise NotToBeRead(words % {"platform": ALL[target.platform].label})
    account = find_account(target)
    if account is None:
        raise NotToBeRead(_("The account on this page is not tracked here."))
    if not manual_entry.holds(by, account):
        words = _("%(account)s is not in your round, or has been read already.")
        raise NotToBeRead(words % {"account": _who(account)})
    return account, target


def _candidate(looked: Look, chosen: Any) -> Candidate:
    if type(chosen) is not int or not 0 <= chosen < len(looked.candidates):
        raise NotToBeRead(_why_nothing(looked))
    return looked.candidates[chosen]


def _offer(looked: Look) -> dict[str, Any]:
    if not looked.candidates:
        raise NotToBeRead(_why_nothing(looked))
    offered = [
        {
            "wording": candidate.wording.text,
            "reads": _reading(candidate),
            "beside": candidate.place == "beside",
        }
        for candidate in looked.candidates
    ]
    ask = (
        "" if looked.chosen is not None else _("Which of these is the number of followers? Press its digit.")
    )
    return {"found": offered, "chosen": looked.chosen, "ask": ask}


def _why_nothing(looked: Look) -> str:
    if looked.is_refused:
        return _("This count belongs to another account, or is not a count of followers. Nothing is offered.")
    if looked.code == "empty":
        return _("Point at the number of followers, or select it, and press again.")
    return str(NOT_A_COUNT[looked.code]) % {"seen": looked.seen[:40]}


def _record(account: Account, candidate: Candidate, evidence: str, by: User) -> None:
    """Record the count under the words as they stood there. Raises NotToBeRead where another value stands."""
    recorded = manual.read_by_hand(
        account,
        state=State.COUNTED,
        followers=candidate.count.followers,
        bound=Bound(candidate.count.bound),
        precision=Precision(candidate.count.precision),
        evidence=manual.Evidence(evidence, candidate.wording.text),
        by=by,
    )
    if recorded.verdict == Verdict.CONFLICT:
        raise NotToBeRead(
            _("Another value stands for today already. It was kept; correct it with a reason if it is wrong.")
        )
    manual_entry.finish(by, account)
    manual_entry.keep_alive(by, [turn for turn in manual_entry.turns_of(by) if not turn.done_at])


def _keep(account: Account, candidate: Candidate, shot: manual_entry.Picture, by: User) -> dict[str, str]:
    """Keep the picture, after the number: a disk without room loses no number. Returns a warning, if there is one."""
    snapshot = account.snapshots.order_by("-day", "-span").first()
    try:
        manual_entry.keep_picture(account, snapshot, shot, by, where=candidate.wording.where)
    except OSError:
        words = _(
            "The number of %(account)s was recorded, its picture was not: the server's disk has no room."
        )
        return {"warning": words % {"account": account}}
    return {}


def _evidence(address: str, target: Target) -> str:
    """Return the page's address without what does not name the account, such as marks of where a reader came from."""
    plain = address.partition("#")[0].partition("?")[0]
    try:
        if adapters.parse(plain) != target:
            plain = adapters.address(target)
    except NotAnAccount:
        plain = adapters.address(target)
    return plain[:1000]


def _with_next(answer: dict[str, Any], by: User, present: Account | None) -> dict[str, Any]:
    account = companion.next_account(by, present)
    following = {"who": _who(account), "address": adapters.url(account)} if account else None
    return {**answer, "next": following, "language": (get_language() or "en")[:2]}


def _who(account: Account) -> str:
    return f"{account.actor}, {account}"


def _last(account: Account) -> str:
    row = with_latest(Account.objects.filter(pk=account.pk)).get()
    if row.latest_on is None:  # type: ignore[attr-defined]  # annotated by with_latest
        return _("Nothing has been recorded for this account yet.")
    words = _("Last known: %(value)s, %(day)s")
    return words % {"value": latest_value(row), "day": formats.day(row.latest_on)}  # type: ignore[attr-defined]


def _reading(candidate: Candidate) -> str:
    count = candidate.count
    shown = value(Snapshot(state=State.COUNTED, followers=count.followers, bound=count.bound))
    if count.precision == Precision.EXACT:
        return shown
    return _("%(value)s, rounded") % {"value": shown}
