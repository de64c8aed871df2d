"""The ledger of the past: a seal a night, the lines that were sealed, and by what name accounts stand in them.

What the lines are and how they are hashed: docs/ledger.md. The checking of it is one file that needs none of this:
tools/verify.py.
"""

from typing import Any

from django.db import models

from tools import verify


class Seal(models.Model):
    """A night's Merkle tree, chained to the one before and signed. Never changed."""

    number = models.PositiveIntegerField(primary_key=True)
    day = models.DateField(unique=True)  # all that was written before it began, in Asia/Almaty
    header = models.TextField()  # what is signed
    signature = models.CharField(max_length=128)
    head = models.CharField(max_length=64, unique=True)
    lines = models.PositiveBigIntegerField()
    tally = models.JSONField(
        default=dict
    )  # how many lines of each kind, and what a reader wants to know of them

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return what is printed under charts: the number and the beginning of the head."""
        return f"{self.number}-{self.head[:12]}"

    @property
    def parsed(self) -> verify.Header:
        return verify.header_of(self.header)

    @property
    def as_json(self) -> dict[str, Any]:
        """Return it as programs read it."""
        return {
            **self.parsed._asdict(),
            "head": self.head,
            "label": self.label,
            "signature": self.signature,
            "header": self.header,
            "tally": self.tally,
        }


class Part(models.Model):
    """Up to PART_LINES lines of a seal, in order, packed by gzip; all parts of a seal but its last have just as many,
    so that each is a whole subtree."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    # Of its lines that are rows: which may be sought here.
    first_key = models.TextField(blank=True)
    last_key = models.TextField(blank=True)
    min_day = models.CharField(max_length=10, blank=True)
    max_day = models.CharField(max_length=10, blank=True)
    # Hashes of lines before that its lines say are gone, 32 bytes each: so no part is unpacked for them.
    gone = models.BinaryField(default=b"")
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="ledger_part_once")]

    def __str__(self) -> str:
        return f"{self.seal_id}: {self.position}"


class AccountKey(models.Model):
    """By what name an account stands in the ledger, the same in every installation and for ever: its platform's id, or
    the name that it had when it was first sealed. An account that was merged into another keeps its own."""

    account_id = models.BigIntegerField(unique=True)
    key = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.key


class StandingLine(models.Model):
    """A line of the small kinds that stands: all but rows, which are sought in the parts. Saves reading them all."""

    line = models.TextField()
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.line


class MailReader(models.Model):
    """Somebody who gets each night's number by mail: who keeps it where we cannot reach can show that the past was changed."""

    email = models.EmailField(unique=True)
    language = models.CharField(max_length=2, default="en")
    confirmed_at = models.DateTimeField()  # before that nothing of it is kept
    told = models.PositiveIntegerField(default=0)  # the newest number that was mailed

    def __str__(self) -> str:
        return f"reader {self.pk}"
