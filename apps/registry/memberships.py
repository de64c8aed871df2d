"""Invitations to bodies, for the desk and `manage.py invite`."""

from django.db import transaction

from apps.registry.models import Actor, Membership
from apps.users import invitations
from apps.users.models import Invitation, User


def invite(
    email: str, role: Invitation.Role, *, actor: Actor | None = None, by: User | None = None
) -> tuple[Invitation, str]:
    """Return a new invitation and its link, in the active language."""
    return invitations.make(email, role, body=actor.slug if actor else "", by=by)


def body_of(invitation: Invitation) -> Actor | None:
    """Return the body that the person will work for; None where there is none, or no longer."""
    if not invitation.body:
        return None
    slug = invitation.body
    return Actor.objects.filter(slug=slug).first() or Actor.objects.filter(old_slugs__slug=slug).first()


@transaction.atomic
def accept(invitation: Invitation, user: User) -> User:
    """Save a person who is not saved yet, and their body. Raises invitations.NoInvitation."""
    invitations.accept(invitation, user)
    actor = body_of(invitation)
    if actor is not None and invitation.role == Invitation.Role.PRESS_OFFICER:
        Membership.objects.get_or_create(user=user, actor=actor)
    return user


def is_known(email: str) -> bool:
    """Tell whether somebody signs in with this address already."""
    return User.objects.filter(email__iexact=email).exists()
