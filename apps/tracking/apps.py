from django.apps import AppConfig


class TrackingConfig(AppConfig):
    """Keep the migrations of the tables that stand in registry, snapshots, collecting, intake and backoffice now."""

    name = "apps.tracking"
