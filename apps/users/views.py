"""One's own sign-in: password, e-mail addresses, second factors, sessions."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.users import second_factor
from apps.users.models import User


@never_cache
@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 login_required
    own = Authenticator.objects.filter(user=user)
    codes = own.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    sessions = sorted(UserSession.objects.purge_and_list(user), key=lambda one: one.created_at, reverse=True)
    return render(
        request,
        "users/security.html",
        {
            "emails": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
            "has_app": own.filter(type=Authenticator.Type.TOTP).exists(),
            "keys": own.filter(type=Authenticator.Type.WEBAUTHN).order_by("created_at"),
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
            "is_needed": second_factor.is_needed(user),
            "sessions": sessions,
        },
    )


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions; the one that asks is ended by signing out."""
    found = UserSession.objects.filter(user_id=request.user.pk, pk=pk).first()
    if found is None or found.session_key == request.session.session_key:
        raise Http404
    found.end()
    messages.info(request, _("The session has been ended."))
    return HttpResponseRedirect(reverse("users:security"))


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    others = UserSession.objects.filter(user_id=request.user.pk)
    for one in others.exclude(session_key=request.session.session_key):
        one.end()
    messages.info(request, _("All other sessions have been ended."))
    return HttpResponseRedirect(reverse("users:security"))
