"""Sentences for why a page or a statement gave no count."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.collectors import wikidata
from apps.collectors.archived.pages import NoNumberReason

WHY: dict[str, str | Promise] = {
    NoNumberReason.LOGIN: _("a wall that asks to sign in"),
    NoNumberReason.GONE: _("the site says that there is no such page"),
    NoNumberReason.LIKES_ONLY: _("only likes are shown, and likes are not followers"),
    NoNumberReason.SCRIPT_ONLY: _("the count came by script, which the archive did not keep"),
    NoNumberReason.SEVERAL: _("there are several, and nothing says which is the account's"),
    NoNumberReason.OTHER_ACCOUNT: _("the page is another account's"),
    NoNumberReason.NO_COUNT: _("no count of followers is found on the page"),
    NoNumberReason.NO_READER: _("archived pages of this platform are not read"),
    NoNumberReason.REDIRECT: _("the archive leads to another page"),
    NoNumberReason.NOT_KEPT: _("the archive does not have this capture any more"),
    NoNumberReason.EXCLUDED: _("the archive may not show this page"),
    NoNumberReason.NOT_A_PAGE: _("what was captured is no page"),
    NoNumberReason.TOO_LARGE: _("the page is too large"),
    NoNumberReason.DAMAGED: _("the capture is damaged"),
    wikidata.LeftReason.DEPRECATED: _("Wikidata marks it as wrong or outdated"),
    wikidata.LeftReason.NO_VALUE: _("the value is unknown"),
    wikidata.LeftReason.NOT_A_COUNT: _("the value is no count"),
    wikidata.LeftReason.NO_DAY: _("it says of no day"),
    wikidata.LeftReason.BAD_DAY: _("its date is no day, month or year"),
    wikidata.LeftReason.NO_ACCOUNT: _("it says of no account"),
    wikidata.LeftReason.BAD_NAME: _("what stands there can be no name on the platform"),
    wikidata.LeftReason.TWO_VALUES: _("another statement says otherwise for the same day"),
    wikidata.LeftReason.DATED_AHEAD: _("its day is yet to come"),
    "other_id": _("Wikidata gives the account another id than we know"),
    "strange": _("ten times off everything that is known around it"),
}
