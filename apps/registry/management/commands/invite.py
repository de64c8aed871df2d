from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from apps.registry import memberships
from apps.registry.models import Actor
from apps.users import invitations
from apps.users.models import Invitation


class Command(BaseCommand):
    help = "Makes a link that works once and opens an account; the first admin comes in so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--role", choices=Invitation.Role.values, default=Invitation.Role.PRESS_OFFICER.value
        )
        parser.add_argument("--actor", metavar="SLUG", help="the body that a press officer works for")
        parser.add_argument("--language", choices=["en", "ru", "kk"], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        email, role = options["email"], Invitation.Role(options["role"])
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        if memberships.is_known(email):
            raise CommandError(f"Somebody signs in with {email} already.")
        actor = None
        if options["actor"]:
            actor = Actor.objects.filter(slug=options["actor"]).first()
            if actor is None:
                raise CommandError(f"There is no actor {options['actor']}.")
            if role != Invitation.Role.PRESS_OFFICER:
                raise CommandError("Only press officers work for a body.")
        with translation.override(options["language"]):
            made, link = memberships.invite(email, role, actor=actor)
            is_sent = invitations.send(made, link)
        until = date_format(localtime(made.expires_at), "Y-m-d H:i")
        self.stdout.write(link)
        self.stdout.write(f"Works once, until {until}, Almaty time." + (" Sent by mail." if is_sent else ""))
