"""A bucket of an S3-compatible store, as Django's storages are: it answers with OSError alone, and within seconds."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import PurePosixPath
from threading import Lock
from typing import Any, Final

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from storages.backends.s3 import S3Storage

from apps.common.file_store import PREFIX, Found, Unreachable

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 30
PART: Final = 8 << 20  # bytes of a large file that are sent at a time; two parts are in memory at most


class Bucket(S3Storage):  # type: ignore[misc]  # ships no types
    """A folder of a bucket, `s3://bucket/folder`. Keys are read as all programs of S3 do, from AWS_ACCESS_KEY_ID and so on."""

    def __init__(self, address: str) -> None:
        bucket, _, folder = address.removeprefix(PREFIX).partition("/")
        endpoint = settings.S3_ENDPOINT or None
        self._making, self._made = Lock(), None
        super().__init__(
            bucket_name=bucket,
            location=folder.strip("/"),
            endpoint_url=endpoint,
            region_name=settings.S3_REGION or None,
            # what is packed stays as it is
            object_parameters={"ContentType": "application/octet-stream"},
            transfer_config=TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=2),
            client_config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 2},
                signature_version="s3v4",
                s3={"addressing_style": "path" if endpoint else "auto"},
                # sums that other stores than Amazon's do not know
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )  # fmt: skip

    @property
    def connection(self) -> Any:
        """Return what speaks to the store, made once for all threads: each would take megabytes and half a second."""
        with self._making:
            if self._made is None:
                self._made = self._create_session().resource(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=self.endpoint_url,
                    config=self.client_config,
                )
        return self._made

    def look(self, folder: str) -> Iterator[Found]:
        """Yield every file below a folder, in the order of names. Raises Unreachable."""
        start = self._key(folder).rstrip("/")
        with _as_os_errors():
            for found in self.bucket.objects.filter(Prefix=f"{start}/" if start else ""):
                name = PurePosixPath(found.key).relative_to(self.location or ".")
                yield Found(str(name), found.size, found.last_modified.timestamp())

    def rename(self, old: str, new: str) -> None:
        """Give a file another name; one that has it is replaced. Raises OSError."""
        with _as_os_errors():
            self.bucket.Object(self._key(new)).copy({"Bucket": self.bucket_name, "Key": self._key(old)})
            self.bucket.Object(self._key(old)).delete()

    def _key(self, name: str) -> str:
        return str(self._normalize_name(name))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Return the file as a stream: nothing of it is kept in memory or on disk. Raises OSError."""
        with _as_os_errors():
            found = self.bucket.Object(self._key(name)).get()
        stream: File[bytes] = File(io.BufferedReader(_Body(found["Body"])), name)
        stream.size = found["ContentLength"]
        return stream

    def _save(self, name: str, content: "File[bytes]") -> str:
        with _as_os_errors():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _as_os_errors():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _as_os_errors():
            return bool(super().exists(name))

    def get_modified_time(self, name: str) -> Any:
        with _as_os_errors():
            return super().get_modified_time(name)


class _Body(io.RawIOBase):
    """What the store sends, read once from beginning to end."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _as_os_errors():
            block = self._body.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._body.close()
        super().close()


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Have what goes wrong with a file far away be what goes wrong with one that is here."""
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTPStatus.NOT_FOUND:
            raise FileNotFoundError(str(error)) from error
        raise Unreachable(str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise Unreachable(str(error)) from error
