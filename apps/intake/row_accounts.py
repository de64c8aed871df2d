"""Find a row's account: name, platform, address and handle must agree, and what is not known is asked."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from apps.collectors.types import Target
from apps.common.grids import read_cell
from apps.common.tables import shown
from apps.intake.answers import NEW
from apps.intake.cell_kinds import is_nothing, kind_of
from apps.intake.layout import Column
from apps.intake.links import NotALink, is_address, read_account
from apps.intake.names import LONGEST_NAME, name_key
from apps.intake.platform_words import NotAPlatform, read_platform
from apps.intake.sheet_reader import MOST_REMEMBERED, SheetReader, Stop, not_a_link, nothing_to_record, wrong
from apps.intake.words import NOT_A_PLATFORM


class AccountsOfRows(SheetReader):
    """Finds the account of a row. Raises Stop."""

    def _account(self, cells: Sequence[str], column: Column) -> int:
        who = tuple([cells[one.place] for one in self._name_columns()])
        key = who if not (column.platform or column.actor) else (*who, column.platform, column.actor)
        account = self._who.get(key)
        if account is None:
            try:
                account = self._find_account(cells, column)
            except Stop as stop:
                account = stop
                if stop.kind != "asked" and len(self._who) < MOST_REMEMBERED:
                    self._who[key] = stop
            else:
                if len(self._who) < MOST_REMEMBERED:
                    self._who[key] = account
        if isinstance(account, Stop):
            raise account
        return account

    def _find_account(self, cells: Sequence[str], column: Column) -> int:
        """Return the account that a row names; name, platform and address must agree. Raises Stop."""
        platform = self._platform(self._text(cells, "platform"), column)
        target = self._target(cells, platform)
        if target and platform and target.platform != platform:
            raise wrong("address", _("The row names another platform than the address does."))
        platform = platform or (target.platform if target else "")
        name = column.actor or self._text(cells, "actor")
        if is_nothing(name):
            if target is None and not platform and self._has_bare_handle(cells):
                raise self._ask("platform")
            return self._without_name(cells, target, platform)
        if self.answers.aliases.get(name) == NEW and not self.tracked.actors.find(name):
            return self._plan(name, platform, target)
        actors = self._actors(name)
        account = self._of_target(target, actors, platform) if target else None
        if account is not None:
            return account
        if not platform:
            raise self._ask("platform")
        return self._of_actor(actors, platform, self._own_number(cells))

    def _plan(self, name: str, platform: str, target: Target | None) -> int:
        """Return the number of an account that is made with the batch, as its actor was said to be new."""
        standing = self.tracked.by_address.find(target) if target else None
        if standing is not None:
            owner = self.tracked.names.get(self.tracked.owners[standing], "")
            raise wrong(
                "address", _("The address is of %(owner)s, the name is another's.") % {"owner": owner}
            )
        if not platform:
            raise self._ask("platform")
        if not name_key(name) or len(name) > LONGEST_NAME or kind_of(name) in ("number", "fraction", "email"):
            raise wrong("actor", _("“%(seen)s” is not a name.") % {"seen": shown(name)})
        return self.planned.add(" ".join(name.split()), platform, target)

    def _platform(self, word: str, column: Column) -> str:
        if column.platform or is_nothing(word):
            return column.platform or self._platform_above or self.answers.platform
        if word in self.answers.words:
            code = self.answers.words[word]
            if code is None:
                raise wrong("platform", str(NOT_A_PLATFORM["answered"]) % {"seen": shown(word)})
            return code
        try:
            return read_platform(word)
        except NotAPlatform as refused:
            if refused.code == "question":
                raise self._ask("word", word, likely=list(refused.likely)) from None
            raise wrong("platform", str(NOT_A_PLATFORM[refused.code]) % {"seen": shown(word)}) from None

    def _target(self, cells: Sequence[str], platform: str) -> Target | None:
        """Return the account that the row's address or handle names; an address decides before a handle."""
        texts = [(column, read_cell(cells[column.place]).text) for column in self._addresses]
        texts = [(column, text) for column, text in texts if not is_nothing(text)]
        texts.sort(key=lambda pair: (not is_address(pair[1]), pair[0].role != "address"))
        for column, text in texts:
            of_platform = column.platform or platform
            if column.role == "platform_id" and of_platform:
                return Target(of_platform, platform_id=text)
            is_bare = not is_address(text)
            by_handle = Target(of_platform, text.removeprefix("@"))
            if is_bare and self.tracked.by_address.find(by_handle):
                return by_handle
            try:
                return read_account(
                    text, of_platform if is_bare or not platform else "", self.tracked.servers
                )
            except NotALink as refused:
                if is_bare and not of_platform:
                    continue  # a name alone says nothing without its platform
                raise wrong(column.name, not_a_link(refused)) from None
        return None

    def _has_bare_handle(self, cells: Sequence[str]) -> bool:
        texts = [read_cell(cells[column.place]).text for column in self._addresses]
        return any(not is_nothing(text) and not is_address(text) for text in texts)

    def _of_target(self, target: Target, actors: Collection[int], platform: str) -> int:
        account = self.tracked.by_address.find(target)
        if account is None:
            account = self._by_old_handle(target, actors)
        if account is not None:
            if self.tracked.owners[account] not in actors:
                owner = self.tracked.names.get(self.tracked.owners[account], "")
                raise wrong(
                    "address", _("The address is of %(owner)s, the name is another's.") % {"owner": owner}
                )
            return account
        if any(self.tracked.accounts.get((actor, platform)) for actor in actors):
            raise wrong(
                "address",
                _(
                    "The actor's account there has another address, or none yet. Is this its address? Add it first."
                ),
            )
        raise wrong("address", _("This account is not tracked. Add it first."))

    def _by_old_handle(self, target: Target, actors: Collection[int]) -> int | None:
        held = [
            account
            for actor in actors
            for account in self.tracked.accounts.get((actor, target.platform), ())
            if target.handle and target.handle.lower() in self.tracked.handles.get(account, ())
        ]
        return held[0] if len(held) == 1 else None

    def _without_name(self, cells: Sequence[str], target: Target | None, platform: str) -> int:
        if target:
            account = self.tracked.by_address.find(target)
            if account is None:
                raise wrong("address", _("This account is not tracked. Add it first."))
            return account
        if self.answers.account:
            return self._of_answer(platform)
        own = self._own_number(cells)
        if own in self.tracked.owners and own is not None and not self._roles.get("actor"):
            return own
        if self._roles.get("actor") and not self.answers.fill and not self._addresses:
            raise self._ask("fill")
        if self.layout.names_somebody:
            raise wrong("actor", _("Whose count is this? The cell is empty."))
        raise self._ask("account")

    def _of_answer(self, platform: str) -> int:
        slug, _space, code = self.answers.account.partition(" ")
        if slug.isdecimal() and int(slug) in self.tracked.owners:
            return int(slug)
        actor = self.tracked.slugs.get(slug)
        if actor is None:
            raise self._ask("account")
        return self._of_actor([actor], platform or code or self.answers.platform, None)

    def _own_number(self, cells: Sequence[str]) -> int | None:
        text = self._text(cells, "account_id")
        return int(text) if text.isdecimal() and len(text) < 19 else None

    def _actors(self, name: str) -> Collection[int]:
        if name in self.answers.aliases and self.answers.aliases[name] != NEW:
            slug = self.answers.aliases[name]
            if slug is None:
                raise nothing_to_record("answered")
            actor = self.tracked.slugs.get(slug)
            if actor is None:
                raise self._ask("actor", name)
            return [actor]
        if kind_of(name) in ("number", "fraction", "email"):
            raise wrong("actor", _("“%(seen)s” is not a name.") % {"seen": shown(name)})
        actors = self.tracked.actors.find(name) or (
            [self.tracked.slugs[name]] if name in self.tracked.slugs else []
        )
        if len(actors) == 1:
            return actors
        likely = actors or self.tracked.actors.likely(name)
        raise self._ask(
            "actor",
            name,
            likely=[self.tracked.names[actor] for actor in likely if actor in self.tracked.names],
        )

    def _of_actor(self, actors: Collection[int], platform: str, own: int | None) -> int:
        if not platform:
            raise self._ask("platform")
        accounts = [
            account for actor in actors for account in self.tracked.accounts.get((actor, platform), ())
        ]
        if len(accounts) > 1:
            accounts = [account for account in accounts if account == own] or accounts
        if not accounts:
            raise wrong("platform", _("The actor has no such account. Add it first."))
        if len(accounts) > 1:
            raise wrong(
                "platform", _("The actor has several accounts there; name one by its handle or address.")
            )
        return accounts[0]
