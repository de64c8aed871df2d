"""Which accounts of a table need a second look: told while its rows pass by, so that the database need not sort them all.

Most tables hold an account's days one after another, once each, and its counts move little. Whoever is not so is unsure.
"""

from collections.abc import Iterable
from datetime import date

from apps.intake.rows import Staged


class SeriesCheck:
    """Follows each account's days and counts. Memory grows with the accounts, not with the rows."""

    def __init__(self) -> None:
        self.unsure: set[int] = (
            set()
        )  # with days out of order or twice, or counts that move by more than 30 %
        self._latest: dict[int, tuple[date, int | None]] = {}
        self._falling: dict[int, bool] = {}  # whether the newest day comes first

    @property
    def accounts(self) -> list[int]:
        """Return the accounts that stand already and have good rows; who is to be made has a negative number."""
        return [account for account in {*self._latest, *self.unsure} if account > 0]

    def add(self, rows: Iterable[Staged]) -> None:
        """Follow the next rows of the table."""
        latest, falling, unsure = self._latest, self._falling, self.unsure
        for row in rows:
            account, day, followers = row.account_id, row.day, row.followers
            if row.kind or account is None or day is None or account in unsure:
                continue
            before = latest.get(account)
            if before is not None:
                last_day, last_followers = before
                is_falling = day < last_day
                if day == last_day or falling.setdefault(account, is_falling) != is_falling:
                    unsure.add(account)
                    del latest[account]
                    continue
                if followers is None:
                    followers = last_followers
                elif last_followers is not None and followers != last_followers:
                    older = followers if is_falling else last_followers
                    if 10 * abs(followers - last_followers) > 3 * older:
                        unsure.add(account)
                        del latest[account]
                        continue
            latest[account] = (day, followers)
