from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class DeskConfig(SimpleAdminConfig):
    """The desk's pages are loaded with the addresses (kzmedia/urls.py): workers and most commands have no use for them."""

    default_site = "apps.backoffice.site.Site"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def check_pages(**options: Any) -> Sequence[checks.CheckMessage]:
    """Run Django's checks of what is registered, once it is."""
    admin.autodiscover()
    return check_admin_app(**options)
