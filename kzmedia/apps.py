import django_stubs_ext
from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# ModelAdmin[Actor] and its like are subscriptable at run time. Before any models are loaded; not in the settings, which are read
# by processes that need no models.
django_stubs_ext.monkeypatch()


class KZMediaConfig(AppConfig):
    name = "kzmedia"

    def ready(self) -> None:
        """Whoever sends tasks sends them through our application. Not in kzmedia/__init__.py, which the supervisor loads too."""
        from kzmedia import celery  # noqa: F401  loading it is enough

        check_rates()


def check_rates() -> None:
    """A wrong one stops the start. Raises ImproperlyConfigured."""
    from apps.common.rates import parsed

    for name, rates in settings.PAGE_RATES.items():
        try:
            parsed(rates)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"RATE_{name} is a rate such as 120/minute, and not {rates!r}."
            ) from error
