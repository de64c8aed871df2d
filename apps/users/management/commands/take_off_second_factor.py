from argparse import ArgumentParser
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.management.base import BaseCommand, CommandError

from apps.users import second_factor
from apps.users.models import User


class Command(BaseCommand):
    help = "For whom has lost phone, key and recovery codes: forgets their second factors and ends their sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']}.")
        sessions = list(UserSession.objects.filter(user=user))
        for one in sessions:
            one.end()
        count = second_factor.take_off(user)
        self.stdout.write(f"{count} second factors forgotten, {len(sessions)} sessions ended.")
