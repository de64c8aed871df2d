"""Adapters of django-allauth (ACCOUNT_ADAPTER, MFA_ADAPTER in the settings)."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import pgettext

from apps.common import clients
from apps.users import second_factor, words


class Site:
    """What allauth's mails name: the host of SITE_URL, not the one that was asked."""

    def __init__(self) -> None:
        self.domain = self.name = urlsplit(settings.SITE_URL).netloc


def on_site(text: str) -> str:
    """Return an address of a page with SITE_URL as its beginning; what is no address comes back as it is."""
    split = urlsplit(text)
    if split.scheme not in ("http", "https"):
        return text
    return settings.SITE_URL + urlunsplit(("", "", split.path, split.query, split.fragment))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves; the client's address is told as everywhere else."""

    error_messages = {**DefaultAccountAdapter.error_messages, **words.ERRORS}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # “http://[” is no address at all
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return clients.address_of(request)

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """Return what the browser calls itself, for the mail about a change of the account."""
        return request.headers.get("User-Agent") or pgettext("browser", "not named")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write a mail whose links begin with SITE_URL, whatever host was asked."""
        links = {name: on_site(value) for name, value in context.items() if isinstance(value, str)}
        site = {"site": settings.SITE_URL, "current_site": Site()}
        super().send_mail(template_prefix, email, context | links | site)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return on_site(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return on_site(super().get_email_confirmation_url(request, emailconfirmation))

    def format_email_subject(self, subject: str) -> str:
        return f"KZMedia: {subject}"

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = words.MESSAGES.get(message_template or "", message)
        if said:
            messages.add_message(request, level, str(said), extra_tags)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Whoever must have a second factor cannot take off the last one."""

    error_messages = {**DefaultMFAAdapter.error_messages, **words.ERRORS}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        if not second_factor.is_needed(user) or authenticator.type not in second_factor.FACTORS:
            return True
        return second_factor.of(user).exclude(pk=authenticator.pk).exists()
