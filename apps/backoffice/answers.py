"""Tell the requester of an answer, and the editor whether that was possible."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest


def announce(request: HttpRequest, answered: CorrectionRequest) -> None:
    """Send the answer by mail and say what came of it; the answer itself is saved and public already."""
    try:
        is_sent = correction_requests.tell(answered)
    except OSError:
        words = _("The answer is public, but the mail could not be sent: the mail server did not take it.")
        messages.warning(request, words)
        return
    if answered.is_suggestion:
        if is_sent:
            messages.success(request, _("Answered. The reader is told by mail."))
        else:
            messages.success(request, _("Answered. The reader sees it under the link of the suggestion."))
        return
    if is_sent:
        messages.success(request, _("Answered. The answer is public, and the requester is told by mail."))
    else:
        messages.success(request, _("Answered. The answer is public."))
