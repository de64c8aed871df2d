"""The product's version, the same as in pyproject.toml (a test holds them together)."""

from typing import Final

VERSION: Final = "0.1.0"
