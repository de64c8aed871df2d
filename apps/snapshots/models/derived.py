"""What is derived from the snapshots for the reading of today, kept by the database's own triggers (latest.py)."""

from django.db import models

from apps.registry.models import Account


class LatestSnapshot(models.Model):
    """An account's newest snapshot once more, on one row that an evening's reading changes in its place.

    It answers what is asked as of today, and nothing else. An account without a row has its snapshots looked up, so a
    table that is not filled yet costs time and no truth.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    snapshot = models.BigIntegerField(db_column="id")  # no key: it would be looked up with every reading
    day = models.DateField()
    span = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9)
    followers = models.PositiveBigIntegerField(null=True)
    bound = models.CharField(max_length=1)
    precision = models.CharField(max_length=7)
    note = models.TextField()
    source_id = models.BigIntegerField()

    class Meta:
        db_table = "snapshots_latest"

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"


class LatestDifference(models.Model):
    """An account whose row of the latest was found to say something else than its snapshots.

    While there is one, nothing reads the latest. `manage.py rebuild_latest` makes them anew and takes it away.
    """

    account_id = models.BigIntegerField(primary_key=True)
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "snapshots_latestdifference"

    def __str__(self) -> str:
        return str(self.account_id)
