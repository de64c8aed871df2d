import stat

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from kzmedia import static_files


@pytest.fixture
def collected(tmp_path):
    """Provide two of our own scripts, collected as an installation does."""
    source = tmp_path / "source"
    (source / "js").mkdir(parents=True)
    for name in ("js/chart.js", "js/embed-host.js"):
        (source / name).write_text((settings.BASE_DIR / "static" / name).read_text() + "\n" * 500)
    (source / "rest_framework").mkdir()
    (source / "rest_framework" / "page.js").write_text("1\n")
    own = settings.STORAGES["staticfiles"] | {"BACKEND": "kzmedia.static_files.Storage"}
    storages = {**settings.STORAGES, "staticfiles": own}
    place = tmp_path / "collected"
    with override_settings(
        STORAGES=storages,
        STATIC_ROOT=place,
        STATICFILES_DIRS=[source],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=static_files.NEEDLESS)
    return place


def files(place):
    return sorted(str(file.relative_to(place)) for file in place.rglob("*") if file.is_file())


def test_names_with_a_digest_are_packed_and_plain_ones_stay(collected):
    names = files(collected)
    packed = [name.removesuffix(".br") for name in names if name.endswith(".br")]
    assert len(packed) == 2
    assert all(name.count(".") == 2 and f"{name}.gz" in names for name in packed)
    assert {"js/chart.js", "js/embed-host.js"} <= set(names)
    assert not any(name.startswith("rest_framework") for name in names)


def test_another_user_than_who_collected_them_reads_them(collected):
    """As in the image, which root builds."""
    for path in [collected, *collected.rglob("*")]:
        wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        assert path.stat().st_mode & wanted == wanted, path
