import io
import zipfile

import pytest

from apps.exports.archive import pack


def broken():
    yield b"1" * 100_000
    raise ConnectionError("gone")


def test_parts_come_in_their_order_and_equal_contents_are_equal_bytes():
    def made():
        return b"".join(pack([("a", [b"1", b"2"]), ("b/c", [b"\xff" * 1_000_000])]))

    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        assert archive.namelist() == ["a", "b/c"]
        assert (archive.read("a"), len(archive.read("b/c"))) == (b"12", 1_000_000)
    assert made() == made()


def test_a_large_part_may_be_longer_than_two_gigabytes():
    content = b"".join(pack([("a", [b"1"])], large=True))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("a") == b"1"
        assert archive.getinfo("a").extract_version == zipfile.ZIP64_VERSION


def test_contents_that_break_leave_no_file_that_opens():
    made = pack([("whole", [b"1"]), ("broken", broken())])
    received = []
    with pytest.raises(ConnectionError):
        received.extend(made)  # what came before the error is kept
    assert received
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(received)))
