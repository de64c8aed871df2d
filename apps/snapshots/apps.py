from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SnapshotsConfig(AppConfig):
    name = "apps.snapshots"
    verbose_name = _("What is recorded")
