"""Editions: frozen rows and figures, with their checksums."""

from typing import Self

from django.db import models


class EditionQuerySet(models.QuerySet["Edition"]):
    def listed(self) -> Self:
        """Order newest first, without loading the heavy columns."""
        return self.defer("data", "content").order_by("-made_at", "-pk")


class Edition(models.Model):
    """A frozen, checksummed copy of a figure or of the whole dataset. The database refuses to change or remove it.

    A figure lies here whole: its rows as CSV in `data`, what is shown of them in three languages as JSON in `content`,
    both packed by gzip. A dataset is a file under VAR_DIR/editions, its rows packed the same way.
    """

    class Content(models.TextChoices):
        CHART = "chart"
        DATASET = "dataset"

    key = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Content)
    made_at = models.DateTimeField()
    made_by = models.CharField(
        max_length=150, blank=True
    )  # a name and no key: users may be removed, editions not
    parameters = models.JSONField()  # of a chart: path and query; the ledger's newest number when it was made
    title = models.JSONField()  # by language
    row_count = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()  # bytes of the CSV, unpacked
    checksum = models.CharField(max_length=64)  # SHA-256 of the CSV, unpacked
    content_checksum = models.CharField(max_length=64, blank=True)  # SHA-256 of the JSON, unpacked
    left_out = models.JSONField(default=list)  # platforms whose terms forbid it
    data = models.BinaryField(blank=True)
    content = models.BinaryField(blank=True)
    file = models.CharField(max_length=120, blank=True)  # of a dataset: its name under VAR_DIR/editions

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.key

    @property
    def ledger(self) -> str:
        """Return the ledger's newest number when it was made; "" where there was none yet."""
        return str(self.parameters.get("ledger", ""))

    def title_in(self, language: str) -> str:
        return str(self.title.get(language) or self.title.get("en", ""))
