"""No answer, however long it is or becomes, takes more than a few megabytes of any collector."""

import gzip
import tracemalloc

import pytest

from apps.collectors.types import Kind, Unavailable
from tests.collectors.test_failures import TEXTS
from tests.platforms.world import Reply

FEW = 8_000_000  # bytes, what the reading itself holds included
CHUNK = 65_536
LONG = ("plain", "chunked", "gzip")


def chunked(body):
    pieces = (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.fixture(scope="module")
def replies():
    """Provide fifty megabytes that are valid JSON, on three ways; and two that are small as text and large as objects."""
    body = b'{"items": [' + b'{"a": 1}, ' * 5_000_000 + b"0]}"
    return {
        "plain": Reply(body),
        "chunked": Reply(chunked(body), headers={"Transfer-Encoding": "chunked"}),
        "gzip": Reply(gzip.compress(body, 1), headers={"Content-Encoding": "gzip"}),
        "many_parts": Reply(b"[" + b'{"a":1},' * 240_000 + b"0]"),
        "one_string": Reply(b'{"kind": "' + b"x" * 1_900_000 + b'"}'),
    }


@pytest.mark.parametrize("kind", [*LONG, "many_parts", "one_string"])
@pytest.mark.parametrize("platform", sorted(TEXTS))
def test_fifty_megabytes_take_few(collect, world, replies, platform, kind):
    world.fail(platform, replies[kind], always=True)
    tracemalloc.start()
    try:
        outcomes = collect(platform, TEXTS[platform])
    except Unavailable as failure:
        code = failure.code
    else:  # one server of Mastodon's many
        assert [outcome.kind for outcome in outcomes] == [Kind.ERROR]
        code = outcomes[0].detail.partition(":")[0]
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < FEW
    assert code in ({"too_large"} if kind in LONG else {"too_large", "bad_shape"})
