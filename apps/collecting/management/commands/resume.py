from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.collecting import budget, tasks
from apps.collectors import registry
from apps.registry.platforms import ALL


class Command(BaseCommand):
    help = "Ends the pause of a platform: its accounts are collected at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("platform", help="the code of a platform, as x or youtube")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["platform"].lower()
        if code not in registry.COLLECTORS:
            raise CommandError(f"{code} is not one of {', '.join(registry.COLLECTORS)}.")
        was_paused = budget.find_pause(code) is not None
        budget.lift(code)
        tasks.wake()
        label = ALL[code].label
        self.stdout.write(f"The pause of {label} has ended." if was_paused else f"{label} was not paused.")
