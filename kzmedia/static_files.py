"""Collecting static files: under a name with a digest, packed once."""

from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage

NEEDLESS = ["rest_framework"]  # pages of the interface in a browser, which the product has not


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise ships no types
    """Packs the names with a digest alone, which pages ask for: it takes half the time.

    The plain names stay beside them, unpacked; other sites ask for one of them (js/embed-host.js).
    """

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        yield from super().compress_files(set(paths) & set(self.hashed_files.values()))
