"""Changes to what was counted: corrections and the requests for them, replies, mergers, removals."""

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.registry.models import Account, Actor, platform_choices
from apps.snapshots.models.counts import Snapshot

RELEASE_SAYS_SO = gettext_noop("A later release of the reference data says so.")


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def public(self) -> Self:
        """Select those of public actors, with all that a reader is shown of them."""
        return self.filter(snapshot__account__actor__hidden=False).select_related("snapshot__account__actor")


class Correction(models.Model):
    """A recorded value was changed by an editor, or by a later release of the reference data; the public can read why."""

    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="corrections", verbose_name=_("snapshot")
    )
    old = models.JSONField(_("old"))  # state, followers, bound, precision as they stood
    new = models.JSONField(_("new"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,  # a release of the reference data
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("when"))

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        db_table = "tracking_correction"
        ordering = ["-at"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.reason}"

    @property
    def reason_shown(self) -> str:
        """Return the reason as its editor wrote it; that of a release in the reader's language."""
        return gettext(self.reason) if self.by_id is None and self.reason else self.reason


class CorrectionRequestQuerySet(models.QuerySet["CorrectionRequest"]):
    def waiting(self) -> Self:
        return self.filter(outcome="")

    def public(self) -> Self:
        """Select what was answered, with all that a reader is shown of it; nonsense is not shown."""
        answered = self.exclude(outcome__in=["", CorrectionRequest.Outcome.SPAM])
        return answered.filter(actor__hidden=False).select_related("actor", "correction")


class CorrectionRequest(models.Model):
    """Somebody says that something is wrong, or that somebody is missing: then there is no actor.

    Answered by an editor; the answer about an actor is public, who asked is not.
    """

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", _("Corrected")
        REFUSED = "refused", _("Not changed")
        DUPLICATE = "duplicate", _("Asked already")
        SPAM = "spam", _("Nonsense, not shown")

    key = models.UUIDField(unique=True, default=uuid4, editable=False)  # random: the address for who asked
    actor = models.ForeignKey(
        Actor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="correction_requests",
        verbose_name=_("actor"),
    )
    # The count may go with its import or by a platform's terms; what it was stays in `about`.
    snapshot = models.ForeignKey(
        Snapshot, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    about = models.JSONField(default=dict)  # platform, handle, observed and value as they stood
    wrong = models.TextField(_("what is wrong"))
    right = models.TextField(_("what it should be"), blank=True)
    evidence = models.URLField(_("where it can be seen"), max_length=1000, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)  # forgotten some time after the answer
    language = models.CharField(max_length=2, default="en")
    network = models.CharField(max_length=64, blank=True)  # hashed, to count by; forgotten with the e-mail
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"))
    due_on = models.DateField(_("to be answered by"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    correction = models.ForeignKey(
        Correction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("correction"),
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        db_table = "tracking_correctionrequest"
        ordering = ["outcome", "due_on", "pk"]
        indexes = [
            models.Index(fields=["network", "asked_at"], name="request_network"),  # how often a network asks
        ]
        verbose_name = _("request for a correction")
        verbose_name_plural = _("requests for corrections")

    def __str__(self) -> str:
        return f"{self.subject}, {self.asked_at:%Y-%m-%d}"

    @property
    def is_suggestion(self) -> bool:
        """Say whether it asks for an account that is not tracked yet: `wrong` holds whose, `evidence` its address."""
        return self.actor_id is None

    @property
    def subject(self) -> str:
        """Return the name of whoever it is about."""
        return str(self.actor) if self.actor else self.wrong

    @property
    def outcome_label(self) -> str:
        """Return the outcome in words; what is corrected for an actor is added for a suggestion."""
        if self.is_suggestion and self.outcome in SUGGESTION_OUTCOMES:
            return str(SUGGESTION_OUTCOMES[self.outcome])
        return self.get_outcome_display()


SUGGESTION_OUTCOMES = {
    CorrectionRequest.Outcome.CORRECTED.value: pgettext_lazy("suggestion", "Added"),
    CorrectionRequest.Outcome.REFUSED.value: pgettext_lazy("suggestion", "Not added"),
    CorrectionRequest.Outcome.DUPLICATE.value: pgettext_lazy("suggestion", "Tracked already"),
    CorrectionRequest.Outcome.SPAM.value: CorrectionRequest.Outcome.SPAM.label,
}


class Reply(models.Model):
    """What an actor says of its own numbers: its press officer or an editor for it. Shown on its page, dated."""

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="replies", verbose_name=_("actor"))
    day = models.DateField(_("day"), help_text=_("The day it was said, or the day that it tells of."))
    text_kk = models.TextField(_("text in Kazakh"), max_length=2000, blank=True)
    text_ru = models.TextField(_("text in Russian"), max_length=2000, blank=True)
    text_en = models.TextField(_("text in English"), max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written"))
    is_shown = models.BooleanField(_("shown to the public"), default=True)

    class Meta:
        db_table = "tracking_reply"
        ordering = ["-day", "-pk"]
        verbose_name = _("reply of an actor")
        verbose_name_plural = _("replies of actors")

    def __str__(self) -> str:
        return f"{self.actor}, {self.day}"

    def text(self, language: str) -> tuple[str, str]:
        """Return the text and the language it is in: this one, else the first that there is."""
        for code in (language, "kk", "ru", "en"):
            if found := getattr(self, f"text_{code}", ""):
                return found, code
        return "", language


class MergerQuerySet(models.QuerySet["Merger"]):
    def public(self) -> Self:
        """Select those of public actors, with all that a reader is shown of them."""
        return self.filter(actor__hidden=False).select_related("actor", "account")


class Merger(models.Model):
    """Two accounts, or two actors, turned out to be one: what became of the one that is gone. Final."""

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="mergers", verbose_name=_("actor"))
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="mergers", verbose_name=_("account")
    )  # None: two actors
    gone = models.PositiveBigIntegerField()  # its key; the address of its number leads on
    row = models.JSONField(encoder=DjangoJSONEncoder)  # all its columns as they stood
    moved = models.PositiveIntegerField()  # counts that it brought; of an actor, accounts
    same = models.PositiveIntegerField(default=0)  # days on which both had the same value
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = MergerQuerySet.as_manager()

    class Meta:
        db_table = "tracking_merger"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["gone"], name="merger_gone")]  # who asks for the old number
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")

    def __str__(self) -> str:
        return f"{self.gone} -> {self.account_id or self.actor_id}"


class SupersededSnapshot(models.Model):
    """A value that does not stand since two accounts were merged, as both had one for its day. Never changed."""

    class Why(models.TextChoices):
        EDITOR = "editor", _("An editor has set the one that stands.")
        NUMBER = "number", _("The one that stands is a number.")
        LATER = "later", _("The one that stands was read later.")
        STAYS = "stays", _("The one that stands is that of the account that stays.")

    merger = models.ForeignKey(Merger, models.PROTECT, related_name="set_aside")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="+")  # the one that stands
    is_of_gone = models.BooleanField()  # whether it was recorded for the account that is gone
    why = models.CharField(max_length=6, choices=Why)
    row = models.JSONField(encoder=DjangoJSONEncoder)  # all its columns as they stood
    stood = models.JSONField()  # what stood instead when they were merged: state, followers, bound, precision

    class Meta:
        db_table = "tracking_setaside"
        ordering = ["-snapshot__day", "-pk"]

    def __str__(self) -> str:
        return f"{self.merger_id}: {self.row.get('day')}"


class Removal(models.Model):
    """Counts that a platform's terms did not let us keep any longer were removed. Announced, never silent."""

    platform = models.CharField(max_length=12, choices=platform_choices)
    at = models.DateTimeField()
    before = models.DateField()  # counts of days before this one
    snapshots = models.PositiveIntegerField()
    doubts = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "tracking_removal"
        ordering = ["-at"]
        verbose_name = _("removal")
        verbose_name_plural = _("removals")

    def __str__(self) -> str:
        return f"{self.platform} {self.before}: {self.snapshots}"
