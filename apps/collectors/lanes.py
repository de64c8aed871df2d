"""Filling requests: what is due goes into as few as it takes, and takes along what is due later the same evening."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.collectors.types import Lane


@dataclass(frozen=True)
class Waiting:
    """An account that may be asked for now. `key` is the caller's."""

    key: int
    lane: Lane
    is_due: bool  # else it may come along where a request has room
    is_suspect: bool = False  # it failed when last asked: it is not put beside those that did not


def fill(waiting: Sequence[Waiting], size: int) -> list[list[int]]:
    """Return batches of at most `size` keys (more where one request takes more), the longest due first.

    `waiting` comes in the order in which it is due. Each request that is begun is filled from its own lane.
    """
    lanes: dict[tuple[Lane, bool], list[Waiting]] = {}
    for one in waiting:
        lanes.setdefault((one.lane, one.is_suspect), []).append(one)
    places = {one.key: place for place, one in enumerate(waiting)}
    requests: list[list[int]] = []
    for (lane, _), members in lanes.items():
        due = [one.key for one in members if one.is_due]
        later = [one.key for one in members if not one.is_due]
        keys = due + later[: -len(due) % lane.most]
        requests += [keys[start : start + lane.most] for start in range(0, len(keys), lane.most)]
    batches: list[list[int]] = []
    for request in sorted(requests, key=lambda keys: places[keys[0]]):
        if batches and len(batches[-1]) + len(request) <= size:
            batches[-1] += request
        else:
            batches.append(list(request))
    return batches
