"""The ledger of the past: what was sealed each night, and how anybody checks it."""

from django.conf import settings
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from apps.common.clients import network_of
from apps.dashboard.correction_request_form import MailForm
from apps.dashboard.forms import PageForm
from apps.figures import formats
from apps.ledger import mails
from apps.ledger.models import Seal

ROWS_PER_PAGE = 50


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.GET)
    page = Paginator(Seal.objects.all(), ROWS_PER_PAGE).get_page(form.value("page", 1))
    newest = Seal.objects.first()
    context = {
        "form": form,
        "page": page,
        "newest": newest,
        "key": newest.parsed.key if newest else "",
        "has_mail": bool(settings.EMAIL_URL),
    }
    return render(request, "dashboard/ledger.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """Ask for an address to which each night's number is to go; a mail to it asks whether that is so."""
    if not settings.EMAIL_URL:
        raise Http404
    form, status, is_sent = MailForm(request.POST or None), 200, False
    if request.method == "POST" and form.is_valid():
        try:
            mails.ask(form.cleaned_data["email"], formats.language(), network_of(request))
        except mails.EnoughMails:
            status = 429
            form.add_error(None, gettext("Many such mails were asked for. Please try again tomorrow."))
        else:
            is_sent = True
    return render(request, "dashboard/ledger_mail.html", {"form": form, "is_sent": is_sent}, status=status)


@never_cache
@csrf_exempt  # readers of mail press it, with nothing but the address (RFC 8058); the token is what proves it
@require_http_methods(["GET", "HEAD", "POST"])
def mail_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, as scanners of mail open every link; POST confirms or stops. Nobody needs to sign in."""
    try:
        asked = mails.read(token)
    except signing.BadSignature:
        raise Http404 from None
    is_end = asked["do"] == mails.STOP
    with override(asked["language"]):
        if request.method == "POST":
            if is_end:
                mails.stop(asked["email"])
            else:
                mails.confirm(asked["email"], asked["language"])
        context = {"is_end": is_end, "is_done": request.method == "POST", "email": asked["email"]}
        return render(request, "dashboard/ledger_mail_link.html", context)
