"""Bulk additions and imports, row by row."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.registry.models import Account, Source, platform_choices
from apps.snapshots.models import Bound, Precision, Span, State


class Addition(models.Model):
    """Accounts that were added in one go; can be undone while nothing is recorded for them."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: by the command
    at = models.DateTimeField()
    actors = models.JSONField(default=list)  # keys of the actors made
    groups = models.JSONField(default=list)  # keys of the groups made
    joined = models.JSONField(default=list)  # [group, actor] that were no members before
    accounts = models.JSONField(default=list)  # keys of the accounts made
    filled = models.JSONField(default=list)  # keys of the accounts whose missing address was given
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tracking_addition"
        ordering = ["-at"]
        verbose_name = _("addition")
        verbose_name_plural = _("additions")

    def __str__(self) -> str:
        return f"{self.at}: {len(self.accounts) + len(self.filled)}"


class ImportBatch(models.Model):
    """A file of past counts: looked through, then imported, and undone when it was a mistake."""

    class Nature(models.TextChoices):
        PUBLISHED = "published", _("A published table or list")
        EXPORT = "export", _("A platform's own statistics of the account")
        LIST = "list", _("A list kept by hand")

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
    nature = models.CharField(
        _("what the numbers are"), max_length=9, choices=Nature, default=Nature.PUBLISHED
    )
    reading = models.JSONField(default=dict)  # how the table is read, and what is asked: imports.look_through
    answers = models.JSONField(default=dict)  # what a person has said: answers.Answers
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )  # None: not said yet, nothing can be written
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
        db_table = "tracking_importbatch"
        ordering = ["-at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"


class ImportedRow(models.Model):
    """One count of an imported file with its verdict. Kept with the batch: what an undoing removes still stands here."""

    class Verdict(models.TextChoices):
        NEW = "new", pgettext_lazy("verdict", "New")
        SAME = "same", pgettext_lazy("verdict", "Already recorded")
        CONFLICT = "conflict", pgettext_lazy("verdict", "Another value stands")
        ERROR = "error", pgettext_lazy("verdict", "Cannot be read")
        ASKED = "asked", pgettext_lazy("verdict", "Needs your answer")
        DOUBT = "doubt", pgettext_lazy("verdict", "Too strange: held out")
        LEFT = "left", pgettext_lazy("verdict", "Left out")

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
        db_table = "tracking_importedrow"
        ordering = ["batch_id", "number"]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line} {self.verdict}"

    @property
    def observed(self) -> str:
        """Return the day, month or year it speaks for; "" where that cannot be read."""
        return Span(self.span).of(self.day) if self.day and self.span else ""


class RememberedReading(models.Model):
    """How a table of a source was read last time: offered for the next one with the same headings."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    headings = models.CharField(max_length=64)  # SHA-256 of the names of the columns
    answers = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "headings"], name="reading_once_a_source")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.headings[:8]}"
