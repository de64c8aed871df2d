"""Who is tracked, where, and what was counted. Rules and words: docs/architecture.md."""

from datetime import date
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.collectors.platforms import PLATFORMS
from apps.tracking.names import fold_key, sort_key


def platform_choices() -> list[tuple[str, str]]:
    return list(PLATFORMS.items())


class ActorKind(models.TextChoices):
    STATE_BODY = "state_body", _("State body")
    OFFICIAL = "official", _("Official")
    MISSION = "mission", _("Diplomatic mission")
    PARTY = "party", _("Party")
    MOVEMENT = "movement", _("Movement")
    BLOGGER = "blogger", _("Blogger")
    MEDIA = "media", _("Media outlet")


class State(models.TextChoices):
    COUNTED = "counted", _("Counted")
    HIDDEN = "hidden", _("Count hidden")
    ABSENT = "absent", _("Page does not exist")
    SUSPENDED = "suspended", _("Suspended")
    PRIVATE = "private", _("Private")


class Span(models.IntegerChoices):
    """How long a time a snapshot speaks for; the narrower the higher, so that the unique index orders as-of reads."""

    YEAR = 1, pgettext_lazy("span", "Year")
    MONTH = 2, pgettext_lazy("span", "Month")
    DAY = 3, pgettext_lazy("span", "Day")

    @property
    def word(self) -> str:
        """The word in files: year, month or day."""
        return self.name.lower()

    def of(self, day: date) -> str:
        """The day, month or year that begins on the day: 2022-03-01, 2022-03, 2022."""
        return day.isoformat()[: {Span.YEAR: 4, Span.MONTH: 7, Span.DAY: 10}[self]]


class Bound(models.TextChoices):
    EXACTLY = "=", _("as counted")
    MORE_THAN = ">", _("more than")
    LESS_THAN = "<", _("less than")
    ABOUT = "~", _("about")


class Precision(models.TextChoices):
    EXACT = "exact", _("Exact")
    THREE_FIGURES = "3sf", _("Rounded down to three figures")
    ABBREVIATED = "abbrev", _("Abbreviated by the page, such as 76K")
    PRINTED = "printed", _("As printed in a publication")


KEY = models.TextField(db_collation="C")


class ActorQuerySet(models.QuerySet["Actor"]):
    def public(self) -> Self:
        return self.filter(hidden=False)

    def peers_of(self, actor: "Actor") -> Self:
        """The public actors that this one has pinned to be compared with; none where it has pinned none."""
        return self.public().filter(pinned_by=actor).exclude(pk=actor.pk)


class Actor(models.Model):
    """A person or organisation that is tracked."""

    slug = models.SlugField(_("name in addresses"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ActorKind)
    name_en = models.CharField(_("name in English"), max_length=200)
    name_ru = models.CharField(_("name in Russian"), max_length=200)
    name_kk = models.CharField(_("name in Kazakh"), max_length=200)
    description_en = models.TextField(_("description in English"), blank=True)
    description_ru = models.TextField(_("description in Russian"), blank=True)
    description_kk = models.TextField(_("description in Kazakh"), blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    wikidata_id = models.CharField("Wikidata", max_length=20, blank=True)
    succeeds = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="succeeded_by",
        verbose_name=_("succeeds"),
        help_text=_("The body this one took over from."),
    )
    peers = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="pinned_by",
        verbose_name=_("peers"),
        help_text=_("Whom this one is compared with on its own page; those next to it in rank where empty."),
    )
    hidden = models.BooleanField(_("hidden from the public"), default=False)
    hidden_because = models.TextField(
        _("why it is hidden"), blank=True, help_text=_("Editors see it. All that is recorded is kept.")
    )
    source = models.ForeignKey(
        "Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    note = models.TextField(_("note"), blank=True)
    sort_en = models.GeneratedField(expression=sort_key("name_en"), output_field=KEY, db_persist=True)
    sort_ru = models.GeneratedField(expression=sort_key("name_ru"), output_field=KEY, db_persist=True)
    sort_kk = models.GeneratedField(expression=sort_key("name_kk"), output_field=KEY, db_persist=True)
    fold = models.GeneratedField(
        expression=fold_key("name_en", "name_ru", "name_kk"), output_field=KEY, db_persist=True
    )

    objects = ActorQuerySet.as_manager()

    class Meta:
        ordering = ["sort_en", "pk"]
        indexes = [
            GinIndex(fields=["fold"], name="actor_search", opclasses=["gin_trgm_ops"])
        ]  # search by name
        verbose_name = _("actor")
        verbose_name_plural = _("actors")

    def __str__(self) -> str:
        return self.name_en

    def name(self, language: str) -> str:
        """The name in kk, ru or en; the English one where that is empty."""
        return getattr(self, f"name_{language}", "") or self.name_en


class OldSlug(models.Model):
    """A slug an actor had before; its address redirects."""

    slug = models.SlugField(max_length=80, unique=True)
    actor = models.ForeignKey(Actor, models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class Source(models.Model):
    """Where a number or a fact comes from."""

    class Kind(models.TextChoices):
        API = "api", _("Platform API")
        PAGE = "page", _("Public page")
        PUBLICATION = "publication", _("Publication")
        PRESS = "press", _("Press")
        REPORT = "report", _("Report")
        MANUAL = "manual", _("Read by hand")
        IMPORT = "import", _("Import")
        WIKIDATA = "wikidata", "Wikidata"
        ARCHIVE = "archive", _("Web archive")
        SYNTHETIC = "synthetic", _("Synthetic, for measuring only")

    key = models.SlugField(_("key"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    title = models.CharField(_("title"), max_length=500)
    authors = models.CharField(_("authors"), max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    container = models.CharField(_("journal, publisher or site"), max_length=300, blank=True)
    doi = models.CharField("DOI", max_length=120, blank=True)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)

    class Meta:
        ordering = ["key"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.title

    @property
    def citation(self) -> str:
        """One line: authors (year). title. container. DOI or address."""
        who = (
            f"{self.authors} ({self.year})"
            if self.authors and self.year
            else self.authors or str(self.year or "")
        )
        where = f"doi:{self.doi}" if self.doi else self.url
        return ". ".join(part.strip(". ") for part in (who, self.title, self.container, where) if part)


class AccountState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("account", "Active")
    PAUSED = "paused", pgettext_lazy("account", "Paused")
    CLOSED = "closed", pgettext_lazy("account", "Closed")


class HandReading(models.TextChoices):
    """How often an editor reads an account by hand."""

    RULE = "", _("weekly where no program reads it")
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")
    NEVER = "never", _("never")


class AccountQuerySet(models.QuerySet["Account"]):
    def public(self) -> Self:
        return self.filter(actor__hidden=False)

    def addressed(self) -> Self:
        """Accounts that can be found: a handle or an id is known."""
        return self.exclude(handle="", platform_id="")

    def without_address(self) -> Self:
        return self.filter(handle="", platform_id="")

    def with_latest(self) -> Self:
        """Each account with its newest value, whatever its state (None where nothing is recorded)."""
        newest = Snapshot.objects.filter(account=OuterRef("pk")).order_by("-day", "-span")
        return self.annotate(
            latest_on=Subquery(newest.values("day")[:1]),
            latest_span=Subquery(newest.values("span")[:1]),
            latest_state=Subquery(newest.values("state")[:1]),
            latest_bound=Subquery(newest.values("bound")[:1]),
            latest_followers=Subquery(newest.values("followers")[:1]),
        )


class Account(models.Model):
    """An actor's presence on one platform."""

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="accounts", verbose_name=_("actor"))
    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices)
    handle = models.CharField(_("handle"), max_length=255, blank=True)
    platform_id = models.CharField(_("platform id"), max_length=255, blank=True)
    title = models.CharField(_("title"), max_length=500, blank=True)
    title_before = models.CharField(
        _("title before"), max_length=500, blank=True
    )  # where no id would show a takeover; until an editor has looked
    verified = models.BooleanField(_("verified by the platform"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=AccountState, default=AccountState.ACTIVE)
    stopped_because = models.CharField(_("stopped because"), max_length=200, blank=True)
    hourly = models.BooleanField(
        _("read every hour"), default=False, help_text=_("Once a day, in the evening, is the rule.")
    )
    hand_reading = models.CharField(
        _("read by hand"), max_length=7, choices=HandReading, default=HandReading.RULE, blank=True
    )
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    note = models.TextField(_("note"), blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["actor_id", "platform", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "platform_id"], condition=~Q(platform_id=""), name="account_one_per_id"
            ),
            models.UniqueConstraint(
                "platform", Lower("handle"), condition=~Q(handle=""), name="account_one_per_handle"
            ),
        ]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return f"{self.get_platform_display()}: {self.handle or self.platform_id or '?'}"

    @property
    def has_address(self) -> bool:
        return bool(self.handle or self.platform_id)

    @property
    def is_known_by_id(self) -> bool:
        """Whether another account under this handle would be noticed (rule 8)."""
        return bool(self.platform_id)

    @property
    def counts_friends_too(self) -> bool:
        """A VK person's number is of followers and friends together; a community's id has a minus."""
        return self.platform == "vk" and self.platform_id.isdecimal()


class HandleChange(models.Model):
    """An account was renamed on its platform."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="handle_changes")
    old = models.CharField(_("old"), max_length=255)
    new = models.CharField(_("new"), max_length=255)
    noticed_at = models.DateTimeField(_("noticed"))

    class Meta:
        ordering = ["-noticed_at"]
        verbose_name = _("change of name")
        verbose_name_plural = _("changes of name")

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


class Group(models.Model):
    """A named set of actors that are compared."""

    slug = models.SlugField(_("name in addresses"), max_length=80, unique=True)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_ru = models.CharField(_("title in Russian"), max_length=200)
    title_kk = models.CharField(_("title in Kazakh"), max_length=200)
    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices, blank=True)
    reference = models.ForeignKey(
        Actor, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reference actor")
    )
    members = models.ManyToManyField(Actor, related_name="groups", verbose_name=_("members"))
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    locator = models.CharField(_("place in the source"), max_length=300, blank=True)

    class Meta:
        ordering = ["slug"]
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return self.title_en

    def title(self, language: str) -> str:
        return getattr(self, f"title_{language}", "") or self.title_en


class Membership(models.Model):
    """Who works for which actor."""

    class Role(models.TextChoices):
        PRESS_OFFICER = "press_officer", _("Press officer")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    actor = models.ForeignKey(Actor, models.CASCADE, related_name="memberships", verbose_name=_("actor"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PRESS_OFFICER)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)  # when they last looked
    # When the visit before this one ended: all through a visit, what has changed is told since then.
    seen_before_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "actor"], name="membership_once")]
        verbose_name = _("member of an actor")
        verbose_name_plural = _("members of actors")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.actor_id}"


NUMBER_ONLY_IF_COUNTED = Q(state=State.COUNTED, followers__isnull=False) | (
    ~Q(state=State.COUNTED) & Q(followers__isnull=True)
)
SPAN_STARTS_ON_ITS_FIRST_DAY = (
    Q(span=Span.DAY) | Q(span=Span.MONTH, day__day=1) | Q(span=Span.YEAR, day__day=1, day__month=1)
)


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def public(self) -> Self:
        return self.filter(account__actor__hidden=False)

    def as_of(self, day: date) -> Self:
        """Newest first among those that speak for the day or an earlier one."""
        return self.filter(day__lte=day).order_by("-day", "-span")


class Snapshot(models.Model):
    """What an account's follower count was on a day, in a month or in a year."""

    # The unique constraint's index serves history, as-of and upsert.
    account = models.ForeignKey(Account, models.PROTECT, related_name="snapshots", db_index=False)
    day = models.DateField(_("day"))  # the first day of the span, in Asia/Almaty
    span = models.PositiveSmallIntegerField(_("speaks for a"), choices=Span, default=Span.DAY)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.COUNTED)
    followers = models.PositiveBigIntegerField(_("followers"), null=True, blank=True)
    bound = models.CharField(_("bound"), max_length=1, choices=Bound, default=Bound.EXACTLY)
    precision = models.CharField(_("precision"), max_length=7, choices=Precision, default=Precision.EXACT)
    observed_at = models.DateTimeField(
        _("observed at"), null=True, blank=True
    )  # the instant, where one is known
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="+", db_index=False, verbose_name=_("source")
    )
    locator = models.CharField(_("place in the source"), max_length=1000, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "day", "span"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day", "span"], name="snapshot_one_per_day"),
            models.CheckConstraint(condition=NUMBER_ONLY_IF_COUNTED, name="snapshot_number_only_if_counted"),
            models.CheckConstraint(condition=SPAN_STARTS_ON_ITS_FIRST_DAY, name="snapshot_span_starts"),
            models.CheckConstraint(condition=Q(span__in=[1, 2, 3]), name="snapshot_span_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="snapshot_state_known"),
            models.CheckConstraint(condition=Q(bound__in=Bound.values), name="snapshot_bound_known"),
            models.CheckConstraint(
                condition=Q(precision__in=Precision.values), name="snapshot_precision_known"
            ),
        ]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")

    def __str__(self) -> str:
        said = self.get_state_display() if self.followers is None else self.followers
        return f"{self.observed}: {said}"

    @property
    def observed(self) -> str:
        """The day, month or year it speaks for: 2022-03-01, 2022-03, 2022."""
        return Span(self.span).of(self.day)


class Doubt(models.Model):
    """A reading too strange to record without an editor's word."""

    class Why(models.TextChoices):
        ZERO = "zero", _("0 after a positive count")
        FALL = "fall", _("fell by nine tenths or more")
        RISE = "rise", _("rose tenfold or more")

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        EVENT = "event", _("Accepted: the platform did it")

    account = models.ForeignKey(Account, models.PROTECT, related_name="doubts", verbose_name=_("account"))
    day = models.DateField(_("day"))
    followers = models.BigIntegerField(_("followers"))
    precision = models.CharField(_("precision"), max_length=7, choices=Precision, default=Precision.EXACT)
    why = models.CharField(_("why"), max_length=8, choices=Why)
    against = models.PositiveBigIntegerField(_("last good count"))
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    locator = models.CharField(_("place in the source"), max_length=1000, blank=True)
    seen_at = models.DateTimeField(_("seen"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True)

    class Meta:
        ordering = ["decision", "-seen_at"]
        constraints = [
            # An hourly reading of the same strange number is one question, not twenty-four.
            models.UniqueConstraint(fields=["account", "day", "followers"], name="doubt_asked_once"),
        ]
        verbose_name = _("held count")
        verbose_name_plural = _("held counts")

    def __str__(self) -> str:
        return f"{self.day}: {self.followers}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def public(self) -> Self:
        """With all that a reader is shown of them."""
        return self.filter(snapshot__account__actor__hidden=False).select_related("snapshot__account__actor")


class Correction(models.Model):
    """A recorded value was changed by an editor; the public can read why."""

    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="corrections", verbose_name=_("snapshot")
    )
    old = models.JSONField(_("old"))  # state, followers, bound, precision as they stood
    new = models.JSONField(_("new"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.reason}"


class CorrectionRequestQuerySet(models.QuerySet["CorrectionRequest"]):
    def waiting(self) -> Self:
        return self.filter(outcome="")

    def public(self) -> Self:
        """What was answered, with all that a reader is shown of it; nonsense is not shown."""
        answered = self.exclude(outcome__in=["", CorrectionRequest.Outcome.SPAM])
        return answered.filter(actor__hidden=False).select_related("actor", "correction")


class CorrectionRequest(models.Model):
    """Somebody says that something is wrong. Answered by an editor; the answer is public, who asked is not."""

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", _("Corrected")
        REFUSED = "refused", _("Not changed")
        DUPLICATE = "duplicate", _("Asked already")
        SPAM = "spam", _("Nonsense, not shown")

    key = models.UUIDField(unique=True, default=uuid4, editable=False)  # random: the address for who asked
    actor = models.ForeignKey(
        Actor, models.PROTECT, related_name="correction_requests", verbose_name=_("actor")
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
        ordering = ["outcome", "due_on", "pk"]
        indexes = [
            models.Index(fields=["network", "asked_at"], name="request_network"),  # how often a network asks
        ]
        verbose_name = _("request for a correction")
        verbose_name_plural = _("requests for corrections")

    def __str__(self) -> str:
        return f"{self.actor_id} {self.asked_at:%Y-%m-%d}"


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
        ordering = ["-day", "-pk"]
        verbose_name = _("reply of an actor")
        verbose_name_plural = _("replies of actors")

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day}"

    def text(self, language: str) -> tuple[str, str]:
        """The text and the language it is in: this one, else the first that there is."""
        for code in (language, "kk", "ru", "en"):
            if found := getattr(self, f"text_{code}", ""):
                return found, code
        return "", language


class MergerQuerySet(models.QuerySet["Merger"]):
    def public(self) -> Self:
        """With all that a reader is shown of them."""
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
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["gone"], name="merger_gone")]  # who asks for the old number
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")

    def __str__(self) -> str:
        return f"{self.gone} -> {self.account_id or self.actor_id}"


class SetAside(models.Model):
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
        ordering = ["-snapshot__day", "-pk"]

    def __str__(self) -> str:
        return f"{self.merger_id}: {self.row.get('day')}"


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
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["table", "key", "-at"], name="change_of_row"),  # the history of one row
            models.Index(fields=["-at"], name="change_newest"),
        ]
        verbose_name = _("change")
        verbose_name_plural = _("changes")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what} {self.table} {self.key}"


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
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
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
        ordering = ["-began_at"]
        indexes = [models.Index(fields=["platform", "-began_at"], name="run_newest")]  # last run per platform
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self) -> str:
        return f"{self.platform} {self.began_at}"


class Removal(models.Model):
    """Counts that a platform's terms did not let us keep any longer were removed. Announced, never silent."""

    platform = models.CharField(max_length=12, choices=platform_choices)
    at = models.DateTimeField()
    before = models.DateField()  # counts of days before this one
    snapshots = models.PositiveIntegerField()
    doubts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("removal")
        verbose_name_plural = _("removals")

    def __str__(self) -> str:
        return f"{self.platform} {self.before}: {self.snapshots}"


class PlatformState(models.Model):
    """What all workers must know of a platform: its pause and what was spent today."""

    platform = models.CharField(_("platform"), max_length=12, primary_key=True, choices=platform_choices)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    pause_reason = models.CharField(_("why it is paused"), max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(
        _("failures in a row"), default=0
    )  # the back-off grows with them
    # Of the two sums below, in the platform's own billing zone
    day = models.DateField(_("day"), null=True, blank=True)
    requests_spent = models.PositiveIntegerField(_("requests on this day"), default=0)
    money_spent = models.DecimalField(_("money on this day"), max_digits=10, decimal_places=3, default=0)

    class Meta:
        verbose_name = _("state of a platform")
        verbose_name_plural = _("states of platforms")

    def __str__(self) -> str:
        return self.platform


class Addition(models.Model):
    """Accounts that were added in one go; can be undone while nothing is recorded for them."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actors = models.JSONField(default=list)  # keys of the actors made
    accounts = models.JSONField(default=list)  # keys of the accounts made
    filled = models.JSONField(default=list)  # keys of the accounts whose missing address was given
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("addition")
        verbose_name_plural = _("additions")

    def __str__(self) -> str:
        return f"{self.at}: {len(self.accounts) + len(self.filled)}"


class HandTurn(models.Model):
    """Who is about to read an account by hand. One row an account, so that no two editors have it at once."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="hand_turn")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    round = models.UUIDField()  # the accounts an editor took together
    until = models.DateTimeField()  # then the account is free again
    done_at = models.DateTimeField(null=True, blank=True)
    skipped_until = models.DateField(null=True, blank=True)  # left for later: not due before this day

    class Meta:
        indexes = [models.Index(fields=["by", "round"], name="hand_turn_round")]  # an editor's own round

    def __str__(self) -> str:
        return f"{self.account_id} until {self.until}"


class Screenshot(models.Model):
    """A picture of a page that was read by hand, kept as evidence. Only editors get it, as a download."""

    id = models.UUIDField(primary_key=True)  # also the file's name under VAR_DIR/media/screenshots
    account = models.ForeignKey(Account, models.PROTECT, related_name="screenshots")
    snapshot = models.ForeignKey(Snapshot, models.SET_NULL, null=True, blank=True, related_name="screenshots")
    kind = models.CharField(max_length=4)  # png, jpg or webp, by its content
    size = models.PositiveIntegerField()  # bytes
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        verbose_name = _("screenshot")
        verbose_name_plural = _("screenshots")

    def __str__(self) -> str:
        return f"{self.id}.{self.kind}"


class ImportBatch(models.Model):
    """A file of past counts: looked through, then imported, and undone when it was a mistake."""

    class Stage(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("import", "Received")
        CHECKING = "checking", pgettext_lazy("import", "Being looked through")
        CHECKED = "checked", pgettext_lazy("import", "Looked through, nothing written yet")
        REFUSED = "refused", pgettext_lazy("import", "Cannot be read")
        WRITING = "writing", pgettext_lazy("import", "Being imported")
        WRITTEN = "written", pgettext_lazy("import", "Imported")
        UNDOING = "undoing", pgettext_lazy("import", "Being undone")
        UNDONE = "undone", pgettext_lazy("import", "Undone")

    id = models.UUIDField(primary_key=True)  # also the file's name under VAR_DIR/media/imports
    file_name = models.CharField(_("file"), max_length=200)  # as the editor's machine called it
    size = models.PositiveBigIntegerField(_("size"))  # bytes
    is_workbook = models.BooleanField(default=False)
    encoding = models.CharField(_("encoding"), max_length=12)
    layout = models.CharField(_("layout"), max_length=4, blank=True)  # long or wide
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices, blank=True)
    language = models.CharField(max_length=2, default="en")  # of the sentences in its rows
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("brought by"),
    )  # None: by the command
    at = models.DateTimeField(_("brought at"))
    stage = models.CharField(_("stage"), max_length=8, choices=Stage, default=Stage.RECEIVED)
    percent = models.PositiveSmallIntegerField(default=0)  # of the work that the stage names
    touched_at = models.DateTimeField()  # by whoever works on it; long ago: the work has died
    counts = models.JSONField(default=dict)  # verdict -> rows
    refused = models.TextField(blank=True)  # why the file cannot be read
    reason = models.TextField(_("reason"), blank=True)  # for which standing values were replaced
    written_at = models.DateTimeField(_("imported at"), null=True, blank=True)  # recorded_at of its snapshots
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone = models.JSONField(default=dict)  # removed, restored, kept -> rows

    class Meta:
        ordering = ["-at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"


class ImportedRow(models.Model):
    """One count of an imported file with its verdict. Kept with the batch: what an undoing removes still stands here."""

    class Verdict(models.TextChoices):
        NEW = "new", pgettext_lazy("verdict", "New")
        SAME = "same", pgettext_lazy("verdict", "The same stands already")
        CONFLICT = "conflict", pgettext_lazy("verdict", "Another value stands")
        ERROR = "error", pgettext_lazy("verdict", "Cannot be read")

    class Fate(models.TextChoices):
        NONE = "", ""
        REPLACED = "replaced", pgettext_lazy("import", "Replaced what stood")
        RESTORED = "restored", pgettext_lazy("import", "What stood before stands again")
        KEPT = "kept", pgettext_lazy("import", "Changed since: not undone")

    # Its keys are read from the database in the run that writes them: to check a million again takes ten seconds.
    pk = models.CompositePrimaryKey("batch", "number")
    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    cell = models.CharField(max_length=80, blank=True)  # the column of a wide table
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField(null=True)
    span = models.PositiveSmallIntegerField(choices=Span, null=True)
    state = models.CharField(max_length=9, choices=State, blank=True)
    followers = models.PositiveBigIntegerField(null=True)
    bound = models.CharField(max_length=1, choices=Bound, blank=True)
    precision = models.CharField(max_length=7, choices=Precision, blank=True)
    observed_at = models.DateTimeField(null=True)
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    locator = models.CharField(max_length=1000, blank=True)
    note = models.TextField(blank=True)
    problem = models.TextField(blank=True)  # why it cannot be read, with what stands there
    verdict = models.CharField(max_length=8, choices=Verdict)
    against = models.JSONField(null=True)  # the snapshot, or the line of this file, that it differs from
    fate = models.CharField(max_length=8, choices=Fate, blank=True)

    class Meta:
        ordering = ["batch_id", "number"]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line} {self.verdict}"

    @property
    def observed(self) -> str:
        """The day, month or year it speaks for; "" where that cannot be read."""
        return Span(self.span).of(self.day) if self.day and self.span else ""
