from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.collecting import adapters, budget, leasing, services, words
from apps.registry.models import Account, AccountState


class Command(BaseCommand):
    help = "Collect the accounts that are due (or all) in the foreground, and print a count for each outcome."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--platform", help="only this platform")
        parser.add_argument("--account", type=int, help="only this account (our own id), due or not")
        parser.add_argument("--all", action="store_true", help="also what is not due yet")

    def handle(self, *args: Any, **options: Any) -> None:
        platforms = self._platforms(options["platform"], options["account"])
        accounts = (
            Account.objects.addressed().exclude(state=AccountState.PAUSED).filter(platform__in=platforms)
        )
        if options["account"] is not None:
            accounts = accounts.filter(pk=options["account"])
            if not accounts.exists():
                raise CommandError("This account is paused, has no address, or does not exist.")
        if options["account"] is not None or options["all"]:
            services.collect_now(accounts)
        for platform in platforms:
            self._collect(platform, options["account"])

    def _platforms(self, platform: str | None, account: int | None) -> list[str]:
        ready = adapters.ready()
        if account is not None:
            found = Account.objects.filter(pk=account).values_list("platform", flat=True).first()
            if found is None:
                raise CommandError("There is no account with this id.")
            platform = platform or found
        if platform and platform not in ready:
            raise CommandError(
                f"{platform} is not collected here. Collected are: {', '.join(ready) or 'none'}."
            )
        return [platform] if platform else ready

    def _collect(self, platform: str, account: int | None) -> None:
        """Lease and read until nothing is due any more or the platform stops."""
        outcomes: Counter[str] = Counter()
        stopped, was_answered = budget.find_pause(platform) is not None, True
        with tqdm(desc=platform, unit=" accounts", disable=None) as progress:
            while was_answered and not stopped and (leases := leasing.dispatch([platform], account)):
                was_answered = False
                for _platform, lease in leases:
                    summary = leasing.collect(platform, lease)
                    outcomes += summary.outcomes
                    progress.update(summary.outcomes.total())
                    stopped = bool(summary.stopped) or stopped
                    was_answered = bool(summary.outcomes) or was_answered
        for kind, count in sorted(outcomes.items()):
            self.stdout.write(f"{platform:10} {kind:12} {count:8}")
        standing = budget.find_pause(platform)
        if standing:
            detail = f" ({standing.pause_detail})" if standing.pause_detail else ""
            self.stdout.write(
                self.style.WARNING(f"{platform:10} stopped: {words.say_pause(standing)}{detail}")
            )
        elif not outcomes:
            self.stdout.write(f"{platform:10} nothing was due")
