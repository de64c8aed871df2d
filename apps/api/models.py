"""Keys of programs. Only what proves a key is kept, never the key itself."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Scope(models.TextChoices):
    READ = "read", _("read")
    WRITE_SNAPSHOTS = "snapshots:write", _("send snapshots")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def in_force(self, now: datetime) -> Self:
        """Return those that open anything: not revoked, not expired, of somebody who may still sign in."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True
        ).select_related("user")


class ApiToken(models.Model):
    """What a program shows instead of a password."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="api_tokens",
        verbose_name=_("acts for"),
        help_text=_("A token may never do more than this person may."),
    )
    name = models.CharField(
        _("name"),
        max_length=80,
        help_text=_("Which program uses it. Readers see it as the source of what it sends."),
    )
    scopes = ArrayField(
        models.CharField(max_length=20, choices=Scope), verbose_name=pgettext_lazy("token", "may")
    )
    prefix = models.CharField(_("begins with"), max_length=12, unique=True, editable=False)
    # Of 256 random bits a plain SHA-256 is enough: there is nothing to guess. The index finds the token.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    @property
    def is_in_force(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
