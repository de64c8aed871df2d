from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.collecting import adapters
from apps.collecting.budget import spent_today
from apps.collecting.models import PlatformState
from apps.collectors import registry
from apps.collectors.platforms import PLATFORMS
from apps.common import http
from apps.registry.platforms import ALL
from apps.snapshots import terms


class Command(BaseCommand):
    help = "Says of every platform whether it is configured, reachable and not paused, and what is left of its budget."

    def handle(self, *args: Any, **options: Any) -> None:
        states = PlatformState.objects.in_bulk()
        ready = adapters.ready()
        for code, label in PLATFORMS.items():
            words = self._configured(code, ready)
            if code in ready:
                words += f"; {self._reachable(code)}; {self._budget(code, states.get(code))}"
            self.stdout.write(f"{label:10} {words}")

    def _configured(self, code: str, ready: list[str]) -> str:
        if code not in registry.COLLECTORS:
            return "read by hand"
        if code in ready:
            return "configured"
        if not adapters.make(code).configured:
            return "not configured: credentials are missing, its accounts are read by hand"
        return f"not started: {terms.missing(code)} is not set"

    def _reachable(self, code: str) -> str:
        """Any answer of the platform's server counts: which one it is, the next reading will say."""
        base = next(address for name, address in settings.COLLECTORS[code].items() if name.endswith("_url"))
        if "{host}" in base:
            return "every account has a server of its own"
        try:
            with http.Client(settings.CONTACT) as client:
                client.send("GET", base.rstrip("/") + "/")
        except http.Failed as failed:
            return f"NOT reachable ({failed.code})"
        return "reachable"

    def _budget(self, code: str, state: PlatformState | None) -> str:
        budget = ALL[code].budget
        if state and state.paused_until and state.paused_until > timezone.now():
            return f"paused until {state.paused_until:%Y-%m-%d %H:%M} UTC: {state.pause_reason}"
        spent, money = spent_today(state) if state else (0, 0)
        left = (
            "no daily limit"
            if budget.per_day is None
            else f"{max(budget.per_day - spent, 0)} requests left today"
        )
        if budget.price:
            left += f", {money} of {getattr(settings, terms.MONEY[code])} US dollars spent today"
        return left
