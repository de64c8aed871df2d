"""Schedule and last result of each account, attempts, runs, and the state of each platform."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.collecting.reasons import Pause, Trouble
from apps.registry.models import Account, platform_choices


class Collection(models.Model):
    """When an account is read next, and who is reading it now. PostgreSQL is the truth, not the broker."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="collection")
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    run = models.UUIDField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    not_found_days = models.PositiveSmallIntegerField(default=0)
    not_found_on = models.DateField(null=True, blank=True)  # the last day that was counted in
    error_code = models.CharField(max_length=16, choices=Trouble, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)  # the platform's own words, for editors
    errors = models.PositiveSmallIntegerField(default=0)  # in a row; the back-off grows with them

    class Meta:
        db_table = "tracking_collection"
        indexes = [
            models.Index(fields=["due_at"], name="collection_due"),  # dispatch_due
            models.Index(
                fields=["lease"], name="collection_lease", condition=Q(lease__isnull=False)
            ),  # claim
        ]

    def __str__(self) -> str:
        return f"{self.account_id} due {self.due_at}"


class Attempt(models.Model):
    """One try at reading an account, good or bad. Never holds a number."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="attempts", db_index=False)
    at = models.DateTimeField(_("when"))
    outcome = models.CharField(_("outcome"), max_length=12)
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    class Meta:
        db_table = "tracking_attempt"
        indexes = [
            models.Index(fields=["account", "-at"], name="attempt_newest")
        ]  # the account's page in admin

    def __str__(self) -> str:
        return f"{self.account_id} {self.at} {self.outcome}"


class Run(models.Model):
    """What one batch came to: how many accounts ended how, and why the platform stopped, if it did."""

    id = models.UUIDField(primary_key=True)  # Collection.run while it lasted
    platform = models.CharField(max_length=12, choices=platform_choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcomes = models.JSONField(default=dict)  # outcome -> accounts
    stopped = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "tracking_run"
        ordering = ["-began_at"]
        indexes = [models.Index(fields=["platform", "-began_at"], name="run_newest")]  # last run per platform
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self) -> str:
        return f"{self.platform} {self.began_at}"


class PlatformStateQuerySet(models.QuerySet["PlatformState"]):
    def paused(self, at: datetime | None = None) -> Self:
        """Select those that may not be asked at the instant, now as a rule: the twin of `pause_end`."""
        return self.filter(paused_until__gt=at or timezone.now())


class PlatformState(models.Model):
    """What all workers must know of a platform: its pause and what was spent today."""

    platform = models.CharField(_("platform"), max_length=12, primary_key=True, choices=platform_choices)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    pause_code = models.CharField(_("why it is paused"), max_length=16, choices=Pause, blank=True)
    pause_detail = models.CharField(_("the platform's words"), max_length=300, blank=True)
    pause_key = models.CharField(max_length=16, blank=True)  # of which key it was said (adapters.fingerprint)
    failures = models.PositiveSmallIntegerField(
        _("failures in a row"), default=0
    )  # the back-off grows with them
    # Of the two sums below, in the platform's own billing zone
    day = models.DateField(_("day"), null=True, blank=True)
    requests_spent = models.PositiveIntegerField(_("requests on this day"), default=0)
    money_spent = models.DecimalField(_("money on this day"), max_digits=10, decimal_places=3, default=0)

    objects = PlatformStateQuerySet.as_manager()

    class Meta:
        db_table = "tracking_platformstate"
        verbose_name = _("state of a platform")
        verbose_name_plural = _("states of platforms")

    def __str__(self) -> str:
        return str(self.get_platform_display())

    def pause_end(self, at: datetime | None = None) -> datetime | None:
        """Return until when (UTC) the platform may not be asked; None where it may at the instant, now as a rule."""
        until = self.paused_until
        return until if until is not None and until > (at or timezone.now()) else None


class ServerState(models.Model):
    """The pause of one server, where a platform is many (Mastodon). A server that answers has no row."""

    platform = models.CharField(max_length=12, choices=platform_choices)
    server = models.CharField(max_length=255)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    paused_until = models.DateTimeField()
    pause_code = models.CharField(max_length=16, choices=Pause)
    pause_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "server"], name="server_state_one_each")]

    def __str__(self) -> str:
        return self.server
