"""Actors, accounts, groups, sources. Words: docs/architecture.md."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.registry.identity import DATE_PARTS, Alias, Succession, Verification
from apps.registry.names import fold_key, sort_key
from apps.registry.proposed import Impostor, Proposal, SiteVisit, platform_choices
from apps.registry.texts import in_language

__all__ = [
    "Account",
    "AccountState",
    "Actor",
    "ActorKind",
    "Alias",
    "Group",
    "HandReading",
    "HandleChange",
    "Impostor",
    "Membership",
    "OldSlug",
    "Proposal",
    "SiteVisit",
    "Source",
    "Succession",
    "Verification",
    "platform_choices",
]


def active_language() -> str:
    """Return kk, ru or en: the language of the page that is being made."""
    return (get_language() or "en")[:2]


class ActorKind(models.TextChoices):
    STATE_BODY = "state_body", _("State body")
    AGENCY = "agency", _("Agency")
    AKIMAT = "akimat", _("Akimat")
    PARLIAMENT = "parliament", _("Parliament")
    OFFICIAL = "official", _("Official")
    MISSION = "mission", _("Diplomatic mission")
    PARTY = "party", _("Party")
    MOVEMENT = "movement", _("Movement")
    ASSOCIATION = "association", _("Association")
    COMPANY = "company", _("Company")
    BLOGGER = "blogger", _("Blogger")
    MEDIA = "media", _("Media outlet")


KEY = models.TextField(db_collation="C")


class ActorQuerySet(models.QuerySet["Actor"]):
    def public(self) -> Self:
        return self.filter(hidden=False)

    def gone_by(self, day: date) -> Self:
        """Select those that had ended by the day; of an end within a month or a year, by its last day."""
        by_day = Q(ended__lte=day) & (Q(ended_span=None) | Q(ended_span=3))
        by_month = Q(ended_span=2, ended__lt=day.replace(day=1))
        return self.filter(by_day | by_month | Q(ended_span=1, ended__lt=day.replace(month=1, day=1)))

    def peers_of(self, actor: "Actor") -> Self:
        """Return the public actors that this one has pinned to be compared with; none where it has pinned none."""
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
    website = models.URLField(
        _("website"),
        max_length=500,
        blank=True,
        help_text=_("The body's own site; its addresses are looked for there."),
    )
    began = models.DateField(_("exists since"), null=True, blank=True)
    began_span = models.PositiveSmallIntegerField(
        _("the day is a"), choices=DATE_PARTS, null=True, blank=True
    )
    ended = models.DateField(
        _("existed until"),
        null=True,
        blank=True,
        help_text=_("The day on which it ended. Its history stays."),
    )
    ended_span = models.PositiveSmallIntegerField(
        _("the day is a"), choices=DATE_PARTS, null=True, blank=True
    )
    succeeds = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="succeeded_by",
        verbose_name=_("succeeds"),
        help_text=_("The body this one took over from: the one whose line its charts go on with."),
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
    is_draft = models.BooleanField(_("draft"), default=False, editable=False)  # hidden until it is published
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
        db_table = "tracking_actor"
        ordering = ["sort_en", "pk"]
        indexes = [
            GinIndex(fields=["fold"], name="actor_search", opclasses=["gin_trgm_ops"])
        ]  # search by name
        constraints = [
            models.CheckConstraint(condition=Q(is_draft=False) | Q(hidden=True), name="actor_draft_is_hidden")
        ]
        verbose_name = _("actor")
        verbose_name_plural = _("actors")

    def __str__(self) -> str:
        return self.name(active_language())

    def name(self, language: str) -> str:
        """Return the name in kk, ru or en; the English one where that is empty."""
        return getattr(self, f"name_{language}", "") or self.name_en


class OldSlug(models.Model):
    """A slug an actor had before; its address redirects."""

    slug = models.SlugField(max_length=80, unique=True)
    actor = models.ForeignKey(Actor, models.CASCADE, related_name="old_slugs")

    class Meta:
        db_table = "tracking_oldslug"

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
        db_table = "tracking_source"
        ordering = ["key"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        """Return the title; one of ours, in [brackets], in the language of the page."""
        return in_language(self.title, active_language())

    @property
    def citation(self) -> str:
        """Return one line: authors (year). title. container. DOI or address."""
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
        """Select accounts that can be found: a handle or an id is known."""
        return self.exclude(handle="", platform_id="")

    def without_address(self) -> Self:
        return self.filter(handle="", platform_id="")


class Stop(models.TextChoices):
    """Why an account waits for an editor: its answer was about another account, or pointed to one."""

    OTHER_ID = "other_id", _("its handle belongs to another account now")
    SAME_AS = "same_as", _("it is the same as another account")
    MOVED = "moved", _("it points to a new account")


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
    stopped_code = models.CharField(_("stopped because"), max_length=8, choices=Stop, blank=True)
    stopped_detail = models.CharField(
        _("what was seen"), max_length=200, blank=True
    )  # an id, a key or a name
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
        db_table = "tracking_account"
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
        name = self.handle or self.platform_id
        return f"{self.get_platform_display()}: {name}" if name else self.get_platform_display()

    @property
    def has_address(self) -> bool:
        return bool(self.handle or self.platform_id)

    @property
    def is_known_by_id(self) -> bool:
        """Tell whether another account under this handle would be noticed (rule 8)."""
        return bool(self.platform_id)

    @property
    def counts_friends_too(self) -> bool:
        """Tell whether its number is of followers and friends together, as a VK person's; a community's id has a
        minus."""
        return self.platform == "vk" and self.platform_id.isdecimal()


class HandleChange(models.Model):
    """An account was renamed on its platform."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="handle_changes")
    old = models.CharField(_("old"), max_length=255)
    new = models.CharField(_("new"), max_length=255)
    noticed_at = models.DateTimeField(_("noticed"))

    class Meta:
        db_table = "tracking_handlechange"
        ordering = ["-noticed_at"]
        verbose_name = _("change of name")
        verbose_name_plural = _("changes of name")

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


class GroupQuerySet(models.QuerySet["Group"]):
    def public(self) -> Self:
        return self.filter(is_draft=False)


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
    is_draft = models.BooleanField(
        _("draft"), default=False, editable=False
    )  # not public until it is published

    objects = GroupQuerySet.as_manager()

    class Meta:
        db_table = "tracking_group"
        ordering = ["slug"]
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return self.title(active_language())

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
        db_table = "tracking_membership"
        constraints = [models.UniqueConstraint(fields=["user", "actor"], name="membership_once")]
        verbose_name = _("member of an actor")
        verbose_name_plural = _("members of actors")

    def __str__(self) -> str:
        return f"{self.user}, {self.actor}"
