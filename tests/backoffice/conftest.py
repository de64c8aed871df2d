from tests.collectors.conftest import _local_platforms, server, world

__all__ = ["_local_platforms", "server", "world"]
