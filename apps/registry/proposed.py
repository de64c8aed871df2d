"""Addresses that somebody proposes, accounts that are known to be false, and visits to bodies' own sites."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import Target
from apps.registry.identity import DATE_PARTS


def platform_choices() -> list[tuple[str, str]]:
    return list(PLATFORMS.items())


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> Self:
        return self.filter(state=Proposal.State.WAITING)

    def in_order(self) -> Self:
        """Order as the desk shows them: those of one body and source together, the best proven first."""
        return self.order_by("grade", "actor__sort_en", "source_id", "platform", "pk")


class Proposal(models.Model):
    """An address with its proof. It is not collected and not public until an editor confirms it."""

    class Grade(models.TextChoices):
        OWN = "A", _("the body's own site or press office")
        NAMED = "B", _("an independent text that names both")
        CANDIDATE = "C", _("only a candidate")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")

    actor = models.ForeignKey(
        "registry.Actor", models.CASCADE, related_name="proposals", verbose_name=_("actor")
    )
    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices)
    handle = models.CharField(_("handle"), max_length=255, blank=True)
    platform_id = models.CharField(_("platform id"), max_length=255, blank=True)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade)
    proof = models.TextField(_("proof"), blank=True)
    proof_day = models.DateField(_("so on"), null=True, blank=True)
    proof_span = models.PositiveSmallIntegerField(
        _("the day is a"), choices=DATE_PARTS, null=True, blank=True
    )
    source = models.ForeignKey(
        "registry.Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    locator = models.CharField(_("place in the source"), max_length=1000, blank=True)
    agreeing = models.PositiveSmallIntegerField(_("sources that agree"), default=1)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    account = models.ForeignKey(
        "registry.Account", models.SET_NULL, null=True, blank=True, related_name="proposals", verbose_name=_("account")
    )  # fmt: skip
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(handle="") | ~Q(platform_id=""),
                name="proposal_has_an_address",
                violation_error_message=_("Give a handle or a platform id."),
            ),
            models.UniqueConstraint(
                "actor", "platform", Lower("handle"), "platform_id", name="proposal_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""),
                name="proposal_refused_for_a_reason",
                violation_error_message=_("Say why."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "grade"], name="proposal_queue")
        ]  # the desk's queue and its count
        verbose_name = _("proposed address")
        verbose_name_plural = _("proposed addresses")

    def __str__(self) -> str:
        return f"{self.get_platform_display()}: {self.handle or self.platform_id}"

    @property
    def target(self) -> Target:
        return Target(self.platform, handle=self.handle, platform_id=self.platform_id)


class Impostor(models.Model):
    """An account that somebody has called false: whoever pastes it is warned."""

    platform = models.CharField(_("platform"), max_length=12, choices=platform_choices)
    handle = models.CharField(_("handle"), max_length=255, blank=True)
    platform_id = models.CharField(_("platform id"), max_length=255, blank=True)
    actor = models.ForeignKey(
        "registry.Actor", models.CASCADE, null=True, blank=True, related_name="impostors",
        verbose_name=_("whom it pretends to be"),
    )  # fmt: skip
    said_by = models.CharField(_("who said so"), max_length=300)
    day = models.DateField(_("said on"), null=True, blank=True)
    span = models.PositiveSmallIntegerField(_("the day is a"), choices=DATE_PARTS, default=3)
    source = models.ForeignKey(
        "registry.Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["platform", "handle"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(handle="") | ~Q(platform_id=""),
                name="impostor_has_an_address",
                violation_error_message=_("Give a handle or a platform id."),
            ),
            models.UniqueConstraint("platform", Lower("handle"), "platform_id", name="impostor_once"),
        ]
        verbose_name = _("false account")
        verbose_name_plural = _("false accounts")

    def __str__(self) -> str:
        return f"{self.get_platform_display()}: {self.handle or self.platform_id}"


class SiteVisit(models.Model):
    """A reading of a body's own site: which accounts it named that day."""

    actor = models.ForeignKey(
        "registry.Actor", models.CASCADE, related_name="site_visits", verbose_name=_("actor")
    )
    at = models.DateTimeField(_("when"))
    address = models.URLField(_("address"), max_length=1000)
    problem = models.CharField(_("problem"), max_length=20, blank=True)  # a code of sites.reading.CODES
    detail = models.CharField(max_length=200, blank=True)
    pages = models.JSONField(default=list)
    accounts = models.JSONField(default=list)  # ["facebook/handle", "youtube/UC..."]: the site's own
    gone = models.JSONField(default=list)  # named a visit before, and no longer
    new = models.JSONField(default=list)

    class Meta:
        ordering = ["actor_id", "-at"]
        indexes = [models.Index(fields=["actor", "-at"], name="site_visit_newest")]  # the visit before
        verbose_name = _("visit to a site")
        verbose_name_plural = _("visits to sites")

    def __str__(self) -> str:
        return f"{self.actor}, {self.at:%Y-%m-%d}"
