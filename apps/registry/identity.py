"""An actor's identity over time: names and spellings, who came after whom, who confirmed an account."""

from datetime import date, timedelta
from typing import Final, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.registry.names import fold_key
from apps.registry.texts import in_language

# How many parts a date has: Span of the snapshots, which stand on a higher floor.
DATE_PARTS: Final = [
    (1, pgettext_lazy("span", "Year")),
    (2, pgettext_lazy("span", "Month")),
    (3, pgettext_lazy("span", "Day")),
]
VERIFIED_FOR: Final = timedelta(days=365)  # then somebody looks again


class Alias(models.Model):
    """Another name of an actor: what search, bulk adding and imports know it by."""

    class Form(models.TextChoices):
        OFFICIAL = "official", _("official name")
        SHORT = "short", _("short name")
        FORMER = "former", _("former name")
        SPELLING = "spelling", _("spelling")

    class Language(models.TextChoices):
        KAZAKH = "kk", _("Kazakh")
        RUSSIAN = "ru", _("Russian")
        ENGLISH = "en", _("English")

    actor = models.ForeignKey(
        "registry.Actor", models.CASCADE, related_name="aliases", verbose_name=_("actor")
    )
    text = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Form, default=Form.SPELLING)
    source = models.ForeignKey(
        "registry.Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    fold = models.GeneratedField(
        expression=fold_key("text"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    class Meta:
        ordering = ["actor_id", "kind", "language", "pk"]
        constraints = [
            models.UniqueConstraint("actor", Lower("text"), "language", name="alias_once"),
            # A chart has room for one short name in each language.
            models.UniqueConstraint(
                fields=["actor", "language"], condition=Q(kind="short"), name="alias_one_short_a_language"
            ),
        ]
        indexes = [GinIndex(fields=["fold"], name="alias_search", opclasses=["gin_trgm_ops"])]
        verbose_name = _("other name")
        verbose_name_plural = _("other names")

    def __str__(self) -> str:
        return self.text


class Succession(models.Model):
    """One side of a change of bodies: who stood before, who after, how, when and by which source.

    A split is several rows with one `before`, a merger several with one `after`. A side that is not tracked is a name.
    """

    class Relation(models.TextChoices):
        RENAMED = "renamed", _("renamed")
        SPLIT = "split", _("split")
        MERGED = "merged", _("merged")
        PARTLY = "partly", _("a part was handed over")
        CREATED = "created", _("created out of")
        REORGANISED = "reorganised", _("reorganised")
        REPLACED = "replaced", _("replaced")
        FUNCTIONS = "functions pass", _("functions handed over")
        ABOLISHED = "abolished", _("abolished")

    before = models.ForeignKey(
        "registry.Actor",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successions",
        verbose_name=_("before"),
    )
    before_name = models.CharField(_("name before, where it is not tracked"), max_length=200, blank=True)
    after = models.ForeignKey(
        "registry.Actor",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessions",
        verbose_name=_("after"),
    )
    after_name = models.CharField(_("name after, where it is not tracked"), max_length=200, blank=True)
    relation = models.CharField(_("how"), max_length=14, choices=Relation)
    day = models.DateField(_("day"))  # the first day of the span
    span = models.PositiveSmallIntegerField(_("the day is a"), choices=DATE_PARTS, default=3)
    source = models.ForeignKey(
        "registry.Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    locator = models.CharField(_("place in the source"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(before__isnull=False) | ~Q(before_name=""),
                name="succession_has_a_before",
                violation_error_message=_("Say who stood before."),
            ),
            models.CheckConstraint(
                condition=Q(after__isnull=False) | ~Q(after_name="") | Q(relation="abolished"),
                name="succession_has_an_after",
                violation_error_message=_("Say who came after."),
            ),
            models.CheckConstraint(
                condition=Q(before__isnull=True) | Q(after__isnull=True) | ~Q(before=models.F("after")),
                name="succession_of_two",
                violation_error_message=_("Nobody comes after itself."),
            ),
        ]
        verbose_name = _("succession")
        verbose_name_plural = _("successions")

    def __str__(self) -> str:
        code = (get_language() or "en")[:2]
        before = self.before or in_language(self.before_name, code)
        after = self.after or in_language(self.after_name, code)
        return f"{before} – {self.get_relation_display()} – {after}"


class VerificationQuerySet(models.QuerySet["Verification"]):
    def newest(self) -> Self:
        """Return the newest confirmation of each account."""
        newer = Verification.objects.filter(account=models.OuterRef("account")).order_by("-on", "-pk")
        return self.filter(pk=models.Subquery(newer.values("pk")[:1]))

    def overdue(self, today: date) -> Self:
        """Return the newest confirmations that are so old that somebody should look again."""
        return self.newest().filter(on__lt=today - VERIFIED_FOR).exclude(account__state="closed")


class Verification(models.Model):
    """Somebody confirmed that an account is its actor's own. The platform's mark stands beside it, not instead."""

    account = models.ForeignKey(
        "registry.Account", models.CASCADE, related_name="verifications", verbose_name=_("account")
    )
    on = models.DateField(_("confirmed on"), default=timezone.localdate)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    proof = models.TextField(
        _("proof"), help_text=_("What shows whose account it is: the body's own page, a letter.")
    )
    url = models.URLField(_("address of the proof"), max_length=1000, blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "-on", "-pk"]
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")

    def __str__(self) -> str:
        return f"{self.account}, {self.on}"
