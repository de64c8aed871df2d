"""The page that a link of invitation opens."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.registry import memberships
from apps.users import invitations
from apps.users.forms import AcceptForm


@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation, or accept it. A GET uses nothing up: mail programs follow links too."""
    try:
        found = invitations.open_one(token)
    except invitations.NoInvitation:
        return render(request, "users/no_invitation.html", status=404)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "invitation": found, "body": memberships.body_of(found)}
        return render(request, "users/invitation.html", context)
    user = form.save(commit=False)
    user.set_password(form.cleaned_data["password1"])
    try:
        memberships.accept(found, user)
    except invitations.NoInvitation:
        return render(request, "users/no_invitation.html", status=404)
    response: HttpResponse = perform_login(request, user, email_verification="none")
    record_authentication(request, user, method="password", reauthenticated=True)
    return response
