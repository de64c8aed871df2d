"""Why a page or a statement gave no count, in sentences for editors."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.collectors import wikidata
from apps.collectors.archived.pages import Why

WHY: dict[str, str | Promise] = {
    Why.LOGIN: _("a wall that asks to sign in"),
    Why.GONE: _("the site says that there is no such page"),
    Why.LIKES_ONLY: _("only likes are shown, and likes are not followers"),
    Why.SCRIPT_ONLY: _("the count came by script, which the archive did not keep"),
    Why.SEVERAL: _("there are several, and nothing says which is the account's"),
    Why.OTHER_ACCOUNT: _("the page is another account's"),
    Why.NO_COUNT: _("no count of followers is found on the page"),
    Why.NO_READER: _("archived pages of this platform are not read"),
    Why.REDIRECT: _("the archive leads to another page"),
    Why.NOT_KEPT: _("the archive does not have this capture any more"),
    Why.EXCLUDED: _("the archive may not show this page"),
    Why.NOT_A_PAGE: _("what was captured is no page"),
    Why.TOO_LARGE: _("the page is too large"),
    Why.DAMAGED: _("the capture is damaged"),
    wikidata.Why.DEPRECATED: _("Wikidata marks it as wrong or outdated"),
    wikidata.Why.NO_VALUE: _("the value is unknown"),
    wikidata.Why.NOT_A_COUNT: _("the value is no count"),
    wikidata.Why.NO_DAY: _("it says of no day"),
    wikidata.Why.BAD_DAY: _("its date is no day, month or year"),
    wikidata.Why.NO_ACCOUNT: _("it says of no account"),
    wikidata.Why.BAD_NAME: _("what stands there can be no name on the platform"),
    wikidata.Why.TWO_VALUES: _("another statement says otherwise for the same day"),
    wikidata.Why.DATED_AHEAD: _("its day is yet to come"),
    "other_id": _("Wikidata gives the account another id than we know"),
    "strange": _("ten times off everything that is known around it"),
}
