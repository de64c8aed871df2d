from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.collecting import adapters, budget, leasing, words
from apps.collecting.models import PlatformState
from apps.collecting.reasons import pause_of, trouble_of
from apps.collectors import registry
from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import Kind, PlatformFailure
from apps.registry.platforms import ALL
from apps.snapshots import terms


class Command(BaseCommand):
    help = "Reads one known account of every configured platform and says what came, pauses and what is left of the day."

    def handle(self, *args: Any, **options: Any) -> None:
        states = PlatformState.objects.in_bulk()
        ready = adapters.ready()
        for code, label in PLATFORMS.items():
            line = self._check_settings(code, ready)
            if code in ready:
                line += f"; {self._ask(code, states.get(code))}; {self._budget(code)}"
            self.stdout.write(f"{label:10} {line}")

    def _check_settings(self, code: str, ready: list[str]) -> str:
        if code not in registry.COLLECTORS:
            return "read by hand"
        if code in ready:
            return "configured"
        if not adapters.make(code).is_configured:
            return "not configured: credentials are missing, its accounts are read by hand"
        return f"not started: {terms.find_missing_setting(code)} is not set"

    def _ask(self, code: str, state: PlatformState | None) -> str:
        """Ask for one account and return what came; a pause is kept, and returned in words."""
        if state and state.pause_end() and not budget.has_new_key(state):
            detail = f" ({state.pause_detail})" if state.pause_detail else ""
            return f"{words.say_pause(state)}{detail}"
        try:
            asked = leasing.ask_one(code)
        except budget.Paused as paused:
            text = words.pause_text(code, paused.code, paused.until, 0)
            return f"{text.public} ({text.setting})" if text.setting else text.public
        except PlatformFailure as failure:
            reason, detail = pause_of(failure.code, failure.detail)
            seen = ", ".join(part for part in (failure.code, detail) if part)
            return f"NOT reachable ({seen}): {reason.label}"
        if asked is None:
            return "no account to ask for yet"
        target, outcome = asked
        name = target.handle or target.platform_id
        if outcome.kind == Kind.COUNTED:
            return f"reachable, read {name}: {outcome.followers} ({outcome.precision})"
        if outcome.kind in (Kind.ERROR, Kind.NOT_FOUND):
            return f"reachable, asked for {name}: {words.trouble(*trouble_of(outcome.kind, outcome.detail))}"
        return f"reachable, read {name}: {outcome.kind}"

    def _budget(self, code: str) -> str:
        known = ALL[code].budget
        state = PlatformState.objects.filter(platform=code).first()
        spent, money = budget.spent_today(state) if state else (0, 0)
        left = (
            "no daily limit"
            if known.per_day is None
            else f"{max(known.per_day - spent, 0)} requests left today"
        )
        if known.price:
            left += f", {money} of {getattr(settings, terms.MONEY[code])} US dollars spent today"
        return left
