"""Text for XML."""

import re

# XML has no way to write these; a text may have been pasted from anywhere.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def writable(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return UNWRITABLE.sub("", text)
