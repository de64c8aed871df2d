"""Inviting: the one way to an account."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.registry import memberships
from apps.registry.models import Actor
from apps.users import invitations
from apps.users.models import Invitation, User

SHOWN = 50


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Invitation.Role.choices)
    actor = forms.ModelChoiceField(
        Actor.objects.order_by("sort_en", "pk"),
        label=_("Body"),
        required=False,
        help_text=_("Whom a press officer works for."),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if memberships.is_known(email):
            raise forms.ValidationError(_("Somebody signs in with this address already."))
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("actor") and cleaned.get("role") != Invitation.Role.PRESS_OFFICER:
            self.add_error("actor", _("Only press officers work for a body."))
        return cleaned


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite, and show the link once, to hand over where no mail is set up."""
    user = inviter(request)
    form = InviteForm(request.POST if request.method == "POST" else None)
    link = ""
    if request.method == "POST" and form.is_valid():
        role = Invitation.Role(form.cleaned_data["role"])
        made, link = memberships.invite(
            form.cleaned_data["email"], role, actor=form.cleaned_data["actor"], by=user
        )
        send(request, made, link)
        form = InviteForm()
    return page(request, form, link)


@never_cache
@require_POST
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Make another link for an invitation whose mail was lost, or whose time is over; the one before works no more."""
    inviter(request)
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    link = invitations.replace(invitation)
    send(request, invitation, link)
    return page(request, InviteForm(), link)


def send(request: HttpRequest, invitation: Invitation, link: str) -> None:
    """Put the mail into the outbox, and say so where the site sends mail."""
    if invitations.send(invitation, link):
        messages.success(
            request, gettext("The invitation to %(email)s is sent.") % {"email": invitation.email}
        )


def page(request: HttpRequest, form: InviteForm, link: str) -> HttpResponse:
    """Return the page of those invited, with a link that was just made."""
    context = {
        **admin.site.each_context(request),
        "title": gettext("Invite"),
        "form": form,
        "link": link,
        "invitations": Invitation.objects.select_related("by", "accepted_by").order_by("-pk")[:SHOWN],
        "now": timezone.now(),
    }
    return render(request, "backoffice/invite.html", context)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    inviter(request)
    found = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    found.delete()
    messages.success(request, gettext("The invitation to %(email)s is withdrawn.") % {"email": found.email})
    return HttpResponseRedirect(reverse("admin:users_invite"))


def inviter(request: HttpRequest) -> User:
    """Return who invites: inviting admins makes admins, so only admins invite."""
    user = request.user
    if not isinstance(user, User) or not user.is_superuser:
        raise PermissionDenied
    return user
