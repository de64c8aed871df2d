import time

from apps.common import breaker
from apps.common.breaker import Breaker


def test_it_rests_for_its_seconds(monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    resting = Breaker()
    assert not resting.is_open
    resting.trip()
    for now, is_open in ((109.9, True), (110.0, False)):
        monkeypatch.setattr(time, "monotonic", lambda now=now: now)
        assert resting.is_open is is_open
    resting.trip()
    resting.reset()
    assert not resting.is_open


def test_redis_and_replica_rest_apart():
    breaker.redis_breaker.trip()
    assert not breaker.replica_breaker.is_open
