"""Which program reads which platform."""

from apps.collectors.types import Collector, NotAnAccount, Target

COLLECTORS: dict[str, type[Collector]] = {}


def parse(text: str) -> Target:
    raise NotAnAccount("unknown_host", text)
