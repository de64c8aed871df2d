"""Texts inside a PNG: what it shows travels with the file, wherever it is pasted."""

import struct
import zlib
from collections.abc import Mapping
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
HEADER: Final = len(SIGNATURE) + 4 + 4 + 13 + 4  # signature and IHDR: length, type, content, checksum


def with_texts(png: bytes, texts: Mapping[str, str]) -> bytes:
    """Return the PNG with these texts (iTXt, UTF-8) behind its header, by keyword; what is no PNG comes back as it is."""
    if not png.startswith(SIGNATURE):
        return png
    chunks = [_chunk(keyword, text) for keyword, text in texts.items() if text]
    return b"".join([png[:HEADER], *chunks, png[HEADER:]])


def _chunk(keyword: str, text: str) -> bytes:
    content = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    body = b"iTXt" + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
