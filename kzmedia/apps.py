import django_stubs_ext
from django.apps import AppConfig
from django.core import checks

from kzmedia.checks import check_environment

# ModelAdmin[Actor] and its like are subscriptable at run time. Before any models are loaded; not in the settings, which are read
# by processes that need no models.
django_stubs_ext.monkeypatch()


class KZMediaConfig(AppConfig):
    name = "kzmedia"

    def ready(self) -> None:
        """Load our Celery application for whoever sends tasks. Not in kzmedia/__init__.py, which the supervisor loads
        too."""
        from kzmedia import celery  # noqa: F401  loading it is enough

        checks.register(check_environment, "settings")
