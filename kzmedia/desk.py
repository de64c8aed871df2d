from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "apps.tracking.admin_site.Site"
