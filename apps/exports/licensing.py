"""The licence that the operator has chosen for the data, and what is said where none is."""

from typing import Final, NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Licence(NamedTuple):
    name: str  # as SPDX has it
    title: str
    address: str


KNOWN: Final = {
    one.name: one
    for one in (
        Licence("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        Licence("CC-BY-SA-4.0", "Creative Commons Attribution-ShareAlike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        Licence("CC0-1.0", "CC0 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"),
        Licence("ODbL-1.0", "Open Data Commons Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
        Licence("PDDL-1.0", "Open Data Commons Public Domain Dedication 1.0", "https://opendatacommons.org/licenses/pddl/1-0/"),
    )
}  # fmt: skip
NOT_CHOSEN: Final[Promise] = gettext_lazy(
    "The operator of this site has not chosen a licence for the data yet: ask before you publish more than single numbers."
)


def chosen() -> Licence | None:
    """Return the licence that DATA_LICENSE names; None where none is chosen."""
    return KNOWN.get(settings.DATA_LICENSE)
