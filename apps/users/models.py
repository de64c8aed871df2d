import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class User(AbstractUser):
    """Someone who signs in: an editor, an admin or a press officer. Readers need no account."""


class Invitation(models.Model):
    """The one way to an account: a link that works once, until it expires. Only the link's hash is kept."""

    class Role(models.TextChoices):
        PRESS_OFFICER = "press_officer", _("Press officer")
        EDITOR = "editor", _("Editor")
        ADMIN = "admin", _("Admin")

    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PRESS_OFFICER)
    # The short name of the press officer's body. No key: actors live a floor higher.
    body = models.CharField(_("body"), max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("invited"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("works until"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="invitations_made"
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)
    accepted_by = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="invitation"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email


class Change(models.Model):
    """A row of the desk's tables was made, changed or deleted. Written by triggers alone (audit.py), never changed."""

    class What(models.TextChoices):
        INSERT = "INSERT", pgettext_lazy("change", "added")
        UPDATE = "UPDATE", pgettext_lazy("change", "changed")
        DELETE = "DELETE", pgettext_lazy("change", "deleted")

    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("by"),
    )  # None: a program or a command
    table = models.CharField(_("table"), max_length=63)
    key = models.CharField(_("key"), max_length=40)
    what = models.CharField(_("what"), max_length=6, choices=What)
    before = models.JSONField(_("before"), null=True)  # only the columns that differ, of a deleted row all
    after = models.JSONField(_("after"), null=True)

    class Meta:
        db_table = "tracking_change"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["table", "key", "-at"], name="change_of_row"),  # the history of one row
            models.Index(fields=["-at"], name="change_newest"),
        ]
        verbose_name = _("change")
        verbose_name_plural = _("changes")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what} {self.table} {self.key}"


class Mail(models.Model):
    """A mail that is to be sent, and afterwards that it was: apps/users/outbox.py."""

    class Purpose(models.TextChoices):
        MAIL = "mail", "mail"
        RESET = "reset", "reset"  # a wish for a new password, by whoever

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        DEAD = "dead", "given up"

    uid = models.UUIDField(
        default=uuid.uuid4, unique=True
    )  # the same at every try: readers of mail drop a repeat by it
    kind = models.CharField(max_length=5, choices=Purpose, default=Purpose.MAIL)
    recipient = models.CharField(max_length=320)
    sealed = models.TextField()  # what it says, until it is sent
    state = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()  # while it is being sent: when that must be over
    run = models.UUIDField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="mail_due", condition=models.Q(state__in=["waiting", "sending"])
            )  # what is to be sent
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"
