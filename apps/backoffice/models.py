"""Claims of editors on accounts that they are about to read by hand."""

from django.conf import settings
from django.db import models

from apps.registry.models import Account


class ManualClaim(models.Model):
    """Who is about to read an account by hand. One row an account, so that no two editors have it at once."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="hand_turn")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    round = models.UUIDField()  # the accounts an editor took together
    until = models.DateTimeField()  # then the account is free again
    done_at = models.DateTimeField(null=True, blank=True)
    skipped_until = models.DateField(null=True, blank=True)  # left for later: not due before this day
    is_blocked = models.BooleanField(default=False)  # left because the page cannot be opened from here

    class Meta:
        db_table = "tracking_handturn"
        indexes = [models.Index(fields=["by", "round"], name="hand_turn_round")]  # an editor's own round

    def __str__(self) -> str:
        return f"{self.account_id} until {self.until}"
