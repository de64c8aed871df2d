"""Errors to Sentry, or whatever speaks its language, where an address is set; nothing leaves otherwise."""

from typing import Any

from apps.common.secrecy import Blank
from apps.common.version import VERSION


def start(dsn: str, blank: Blank) -> None:
    """Send errors alone: no traces, no sessions, nobody's name, address, cookies or forms, no values of variables."""
    if not dsn:
        return
    # Only where it is used: loading it takes every process of the installation some megabytes.
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    def cleaned(event: Any, hint: dict[str, Any]) -> Any:
        return blank.deeply(event)

    sentry_sdk.init(
        dsn=dsn,
        release=f"kzmedia@{VERSION}",
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        auto_session_tracking=False,
        default_integrations=True,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), CeleryIntegration()],
        before_send=cleaned,
    )
