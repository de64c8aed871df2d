"""Invitations: made, looked up by their link, accepted once."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.users.models import Invitation, User


class NoInvitation(Exception):
    """The link is made up, used, withdrawn or too old."""


def make(
    email: str, role: Invitation.Role, *, body: str = "", by: User | None = None
) -> tuple[Invitation, str]:
    """Return a new invitation and its link, an address with host, in the active language. The link is told only here."""
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        email=email, role=role, body=body, digest=digest_of(token), by=by, expires_at=end_from_now()
    )
    return made, link_of(token)


def replace(invitation: Invitation) -> str:
    """Return a new link for an invitation that nobody has accepted, from now on; the one before works no more.

    Raises NoInvitation where it has been accepted or withdrawn meanwhile.
    """
    token = secrets.token_urlsafe(32)
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    if not waiting.update(digest=digest_of(token), expires_at=end_from_now()):
        raise NoInvitation
    invitation.refresh_from_db()
    return link_of(token)


def end_from_now() -> datetime:
    """Return until when a link works that is made now."""
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


def link_of(token: str) -> str:
    """Return the address with host that opens an account, in the active language."""
    link: str = settings.SITE_URL + reverse("invitation", args=[token])
    return link


def send(invitation: Invitation, link: str) -> bool:
    """Put a mail with the link into the outbox, in the active language; False where no mail is set up."""
    if not settings.EMAIL_URL:
        return False
    text = render_to_string(
        "users/mail/invitation.txt", {"invitation": invitation, "link": link, "site": settings.SITE_URL}
    )
    send_mail(_("KZMedia: you are invited"), text, None, [invitation.email])
    return True


def open_one(token: str) -> Invitation:
    """Return the invitation that this link still opens; raises NoInvitation."""
    found = Invitation.objects.filter(
        digest=digest_of(token), accepted_at=None, expires_at__gt=timezone.now()
    ).first()
    if found is None:
        raise NoInvitation
    return found


@transaction.atomic
def accept(invitation: Invitation, user: User) -> User:
    """Save a person who is not saved yet, with a password set, as whom the invitation says.

    Raises NoInvitation where somebody else was quicker, or it has been withdrawn: the link works once.
    """
    now = timezone.now()
    open_now = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=now)
    if not open_now.update(accepted_at=now):
        raise NoInvitation
    user.email = invitation.email
    user.is_staff = invitation.role in (Invitation.Role.EDITOR, Invitation.Role.ADMIN)
    user.is_superuser = invitation.role == Invitation.Role.ADMIN
    user.save()
    # Who opened the link reads this mailbox, or was handed the link by an admin.
    if not EmailAddress.objects.filter(email__iexact=user.email).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    return user


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()
