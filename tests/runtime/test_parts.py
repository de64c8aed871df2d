"""What each part of a site loads, which takes memory for as long as it runs."""

import subprocess
import sys

import pytest

from kzmedia.processes import starters, up
from tests.runtime.processes import BASE_DIR, clean_env

WORKER = "import django, kzmedia.processes.worker; from kzmedia.celery import app; app.loader.init_worker(); app.finalize()"


@pytest.mark.parametrize(
    ("code", "needless"),
    [
        ("import kzmedia.processes.up", {"django.conf", "kzmedia.settings", "celery", "psycopg", "redis"}),
        ("import kzmedia.processes.beat_app", {"django.db", "django.http", "limits", "httpx", "celery.bin"}),
        ("import kzmedia.processes.renderer_worker", {"django.db", "django.http", "limits", "plotly", "celery.bin"}),
        (WORKER, {"kzmedia.urls", "apps.backoffice.admin", "rest_framework.views", "plotly", "celery.bin"}),
    ],
    ids=["supervisor", "beat", "pictures", "worker"],
)  # fmt: skip
def test_no_part_loads_what_it_has_no_use_for(code, needless):
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=BASE_DIR, env=clean_env(DJANGO_SETTINGS_MODULE="kzmedia.settings"), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert needless & set(done.stdout.split()) == set()


@pytest.mark.parametrize(
    ("written", "parts"),
    [("", list(starters.PARTS)), ("web", ["web"]), (" worker, beat ,", ["worker", "beat"])],
)
def test_parts_that_are_named(written, parts):
    assert up.choose_parts(written) == parts
    assert set(starters.site(BASE_DIR)) == set(starters.PARTS)


def test_a_part_that_there_is_not_is_refused():
    with pytest.raises(up.StartRefused, match="There is no part 'clock'"):
        up.choose_parts("web,clock")
