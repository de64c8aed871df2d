from django.apps import AppConfig


class KZMediaConfig(AppConfig):
    name = "kzmedia"

    def ready(self) -> None:
        """Whoever sends tasks sends them through our application. Not in kzmedia/__init__.py, which the supervisor loads too."""
        from kzmedia import celery  # noqa: F401  loading it is enough
