"""Occurrences, rules, digests, destinations and deliveries. docs/alerts.md says what is promised."""

import secrets
import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.registry.models import Account, Actor, Group, platform_choices


class OccurrenceKind(models.TextChoices):
    """What can happen. The public ones stand in the feeds; the others are for those who run the site."""

    OVERTAKE = "overtake", _("One passes another")
    MILESTONE = "milestone", _("A round number is passed")
    UNUSUAL = "unusual", _("An unusual rise or fall in a day")
    WIDE = "wide", _("Many counts of a platform change on one day")
    GONE = "gone", _("A page is gone")
    BACK = "back", _("A page is back")
    RENAMED = "renamed", _("An account is renamed")
    VERIFIED = "verified", _("A badge is given or taken")
    HELD = "held", _("A count is held")
    STALE = "stale", _("A platform is no longer read")
    PAUSED = "paused", _("A platform is paused")
    TOKEN = "token", _("A token is rejected")
    EXPIRING = "expiring", _("A token is about to expire")
    SILENT = "silent", _("Nothing has been recorded for long")
    BACKUP = "backup", _("A backup is missing")
    DRILL = "drill", _("A backup could not be restored")
    SENT = "sent", _("A backup could not be sent")
    REPLICA = "replica", _("The replica is behind")
    LATEST = "latest", _("Derived rows differ from the record")


PUBLIC = (
    OccurrenceKind.OVERTAKE,
    OccurrenceKind.MILESTONE,
    OccurrenceKind.UNUSUAL,
    OccurrenceKind.WIDE,
    OccurrenceKind.GONE,
    OccurrenceKind.BACK,
    OccurrenceKind.RENAMED,
    OccurrenceKind.VERIFIED,
)
OPERATION = tuple(kind for kind in OccurrenceKind if kind not in PUBLIC)
LASTING = (
    OccurrenceKind.STALE,
    OccurrenceKind.PAUSED,
    OccurrenceKind.TOKEN,
    OccurrenceKind.SILENT,
    OccurrenceKind.BACKUP,
    OccurrenceKind.DRILL,
    OccurrenceKind.SENT,
    OccurrenceKind.REPLICA,
    OccurrenceKind.LATEST,
)  # they begin and end
STATES = (
    OccurrenceKind.OVERTAKE,
    OccurrenceKind.GONE,
    OccurrenceKind.BACK,
    OccurrenceKind.RENAMED,
    OccurrenceKind.VERIFIED,
    *LASTING,
)  # the others are events


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def public(self) -> Self:
        """Keep those that anyone may read: of no hidden actor, and nothing about how the site is run."""
        return self.filter(kind__in=PUBLIC).exclude(actor__hidden=True).exclude(other__hidden=True)

    def of_actor(self, actor: Actor) -> Self:
        """Keep those the actor has a part in."""
        return self.filter(Q(actor=actor) | Q(other=actor))

    def of_group(self, group: Group) -> Self:
        """Keep those among the group's members, on its platform where it has one."""
        members = group.members.values("pk")
        found = self.filter(Q(other=None) | Q(other__in=members), actor__in=members)
        return found.filter(platform=group.platform) if group.platform else found

    def told(self) -> Self:
        """Join what a sentence about them needs, newest first."""
        return self.select_related("actor", "other", "account").order_by("-day", "-pk")


class Occurrence(models.Model):
    """Something that happened, found once. Its sentence is made from the facts, in any language (words.py)."""

    kind = models.CharField(max_length=10, choices=OccurrenceKind)
    key = models.CharField(max_length=200, unique=True)  # what makes it the same one when it is found again
    subject = models.CharField(max_length=120)  # what a cooldown is counted by
    actor = models.ForeignKey(Actor, models.CASCADE, null=True, related_name="+", db_index=False)
    other = models.ForeignKey(Actor, models.CASCADE, null=True, related_name="+")  # who was passed
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    platform = models.CharField(max_length=12, choices=platform_choices, blank=True)
    day = models.DateField()  # in Almaty: the first day it shows
    since = models.DateField(null=True)  # the last day it was not so, where it lies between two
    facts = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # of what lasts: when it was found to be over

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["actor", "-day"], name="occurrence_of_actor"),  # an actor's feed, its digest
            models.Index(fields=["-day", "-id"], name="occurrence_newest"),  # the site's feed
            models.Index(
                fields=["subject", "-day", "-id"], name="occurrence_of_subject"
            ),  # the present state
            models.Index(fields=["kind", "platform"], name="occurrence_lasting", condition=Q(ended_at=None)),
        ]
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")

    def __str__(self) -> str:
        return self.key

    @property
    def is_over(self) -> bool:
        """Say whether this is the end of something that lasted."""
        return bool(self.facts.get("over"))

    @property
    def is_correction(self) -> bool:
        """Say whether nothing happened but that the record was corrected: it takes back what was told."""
        return bool(self.facts.get("corrected"))

    @property
    def state(self) -> str:
        """Return what a reader of this message takes for true from now on; an event is a state of its own."""
        match self.kind:
            case OccurrenceKind.OVERTAKE:
                return "ahead:open" if self.facts.get("open") else f"ahead:{self.actor_id}"
            case OccurrenceKind.GONE | OccurrenceKind.BACK:
                return str(self.kind)
            case OccurrenceKind.RENAMED:
                return f"name:{self.facts['new']}"
            case OccurrenceKind.VERIFIED:
                return f"badge:{self.facts['verified']}"
            case kind if kind in LASTING:
                return f"over:{self.is_over}"
        return self.key


class Watermark(models.Model):
    """How far one of the detectors has looked."""

    detector = models.CharField(max_length=20, unique=True)
    seen_to = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.detector}: {self.seen_to}"


class SeenBadge(models.Model):
    """The badge an account had when it was last looked at: the account itself keeps only the newest."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="+")
    verified = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.verified}"


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Destination(models.Model):
    """Where messages of a user go. Nothing but the question whether it is theirs goes there until it is confirmed."""

    class Way(models.TextChoices):
        EMAIL = "email", _("E-mail")
        TELEGRAM = "telegram", "Telegram"
        WEBHOOK = "webhook", _("Webhook")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="destinations"
    )  # None: of those who run the site, from the settings
    way = models.CharField(_("kind"), max_length=8, choices=Way)
    address = models.CharField(_("address"), max_length=500)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="ru")
    secret = models.CharField(max_length=64, default=new_secret)  # signs webhooks
    confirmed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "way", "address"],
                condition=Q(removed_at=None),
                name="destination_once",
                nulls_distinct=False,
            )
        ]
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")

    def __str__(self) -> str:
        return f"{self.get_way_display()}: {self.address}"


class Direction(models.TextChoices):
    BOTH = "both", pgettext_lazy("direction", "Rises and falls")
    UP = "up", pgettext_lazy("direction", "Only what is good for them: rises, passing others")
    DOWN = "down", pgettext_lazy("direction", "Only what is bad for them: falls, being passed")


class Rule(models.Model):
    """What a user wants to be told, and how. Empty actors and groups mean everybody."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rules")
    actors = models.ManyToManyField(Actor, blank=True, related_name="+", verbose_name=_("actors"))
    groups = models.ManyToManyField(Group, blank=True, related_name="+", verbose_name=_("groups"))
    platforms = ArrayField(models.CharField(max_length=12), blank=True, default=list)
    kinds = ArrayField(models.CharField(max_length=10, choices=OccurrenceKind))
    floor_percent = models.FloatField(_("at least, percent"), default=1, validators=[MinValueValidator(0)])
    floor_absolute = models.PositiveIntegerField(_("and at least, followers"), default=100)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.BOTH)
    cooldown_days = models.PositiveSmallIntegerField(
        _("silence after a message about the same, days"), default=7, validators=[MaxValueValidator(365)]
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True)
    destinations = models.ManyToManyField(Destination, related_name="rules", verbose_name=_("sent to"))
    paused = models.BooleanField(_("paused"), default=False)
    removed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.kinds)}"


class Digest(models.Model):
    """A body's standing in one message, every week or month."""

    class Every(models.TextChoices):
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    actor = models.ForeignKey(Actor, models.CASCADE, related_name="+", verbose_name=_("body"))
    every = models.CharField(_("how often"), max_length=5, choices=Every, default=Every.WEEK)
    destination = models.ForeignKey(
        Destination, models.CASCADE, related_name="digests", verbose_name=_("sent to")
    )
    paused = models.BooleanField(_("paused"), default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["actor", "every", "destination"], name="digest_once")]
        verbose_name = _("digest")
        verbose_name_plural = _("digests")

    def __str__(self) -> str:
        return f"{self.actor_id} {self.every} {self.destination_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def with_all(self) -> Self:
        """Join what a message is made of."""
        return self.select_related(
            "destination__user",
            "rule",
            "digest__actor",
            "occurrence__actor",
            "occurrence__other",
            "occurrence__account",
        )


class Delivery(models.Model):
    """One message to one destination: the outbox, and afterwards the log."""

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("message", "Waiting")
        SENDING = "sending", pgettext_lazy("message", "Being sent")
        SENT = "sent", pgettext_lazy("message", "Sent")
        DEAD = "dead", pgettext_lazy("message", "Given up")
        DROPPED = "dropped", pgettext_lazy("message", "Not wanted any more")

    uid = models.UUIDField(
        default=uuid.uuid4, unique=True
    )  # the same at every try: a receiver drops a repeat by it
    destination = models.ForeignKey(Destination, models.CASCADE, related_name="deliveries")
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, null=True, related_name="deliveries")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="deliveries")
    digest = models.ForeignKey(Digest, models.CASCADE, null=True, related_name="deliveries", db_index=False)
    until = models.DateField(null=True)  # the last day that a digest tells of
    state = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = (
        models.DateTimeField()
    )  # while it is being sent: when that must be over, else it is taken up again
    run = models.UUIDField(null=True)
    is_repeat = models.BooleanField(default=False)  # a try ended in the dark: it may have arrived
    is_sample = models.BooleanField(default=False)  # of no occurrence: it shows that the destination works
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "destination"],
                condition=Q(occurrence__isnull=False),
                name="delivery_once",
            ),
            models.UniqueConstraint(
                fields=["digest", "until"], condition=Q(digest__isnull=False), name="delivery_digest_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="delivery_due", condition=Q(state__in=["waiting", "sending"])
            )  # what is to be sent
        ]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"


class LastTold(models.Model):
    """The newest message about a subject that a destination was given: what its reader takes for true."""

    destination = models.ForeignKey(Destination, models.CASCADE, related_name="last_told", db_index=False)
    subject = models.CharField(max_length=120)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="+")
    day = models.DateField()  # silence is counted from it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destination", "subject"], name="last_told_once")]

    def __str__(self) -> str:
        return f"{self.destination_id}: {self.subject}"

    @property
    def occurrence(self) -> Occurrence:
        """Return what was told; rows are of deliveries about an occurrence."""
        if self.delivery.occurrence is None:
            raise ValueError("a message about nothing")
        return self.delivery.occurrence
