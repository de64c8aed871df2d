"""Whom a person calls new while a table of counts is looked at: actors and accounts that are made when it is written.

Until then an account has a negative number, so that its rows can be judged and shown like others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from apps.collectors.types import Target
from apps.intake.names import name_key


@dataclass
class PlannedAccount:
    """An account that is made with the batch. `number` is negative."""

    number: int
    name: str  # of its actor
    platform: str
    handle: str = ""
    platform_id: str = ""


class Planned:
    """Gathers what is to be made, each account once."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str, str, str], PlannedAccount] = {}

    def add(self, name: str, platform: str, target: Target | None) -> int:
        """Return the number of the account of a new actor; rows of one name and platform share it."""
        handle, platform_id = (target.handle, target.platform_id) if target else ("", "")
        key = (name_key(name), platform, handle.lower(), platform_id)
        account = self._accounts.get(key)
        if account is None:
            number = -1 - len(self._accounts)
            account = self._accounts[key] = PlannedAccount(number, name, platform, handle, platform_id)
        return account.number

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(account) for account in self._accounts.values()]


def labels(planned: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Return number -> what a page calls the account before it is made."""
    return {one["number"]: f"{one['name']}, {one['platform']}" for one in planned}
