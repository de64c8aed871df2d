"""What caches of public answers are kept under. Every row can be deleted."""

from django.db import models


class Generation(models.Model):
    """What was written in a month, as a number that any write of its snapshots changes.

    Triggers of the database keep it (migration 0001), so no way of writing goes round it: collecting, imports into
    the past, corrections, SQL by hand. It changes in the transaction that writes and is seen with it. The numbers
    are added to by chance, so that a restored backup never comes by the number of an answer kept before. Several
    rows share a month lest all writers wait for one.
    """

    ALWAYS = "0001-01-01"  # stands for what counts in every month: who belongs to what
    BY_HAND = "9998-12-01"  # what a person wrote at the desk, beside the month it is of

    month = models.DateField()
    shard = models.PositiveSmallIntegerField()
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "shard"], name="generation_once")]

    def __str__(self) -> str:
        return f"{self.month} {self.value}"


class Summary(models.Model):
    """An answer that took long, and the generation it was made in; in another it is stale and made again."""

    key = models.CharField(max_length=64, unique=True)
    generation = models.BigIntegerField()
    answer = models.JSONField()
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key
