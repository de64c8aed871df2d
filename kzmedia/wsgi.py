import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

site = get_wsgi_application()

from kzmedia.admission import Admission  # noqa: E402  it counts for Prometheus with the apps' models at hand

application = Admission(site)

# Django loads the addresses, and with them most of the code, with the first request. Loaded here it is loaded once, before
# gunicorn makes its workers, and they share the memory.
get_resolver().url_patterns  # noqa: B018  reading it loads them
