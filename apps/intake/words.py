"""Sentences for the codes of the intake."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOT_A_DATE: dict[str, str | Promise] = {
    "empty": _("The date is missing."),
    "shape": _("“%(seen)s” is not a date. Write 15.06.2017, June 2017 or 2017."),
    "no_such_day": _("There is no such day as “%(seen)s”."),
    "no_year": _("“%(seen)s” names no year."),
    "quarter": _("“%(seen)s” is a quarter: a count is of a day, a month or a year."),
    "half": _("“%(seen)s” is half a year: a count is of a day, a month or a year."),
    "vague": _("“%(seen)s” names no day, month or year."),
    "relative": _("“%(seen)s” is no date: write the day itself."),
    "range": _("“%(seen)s” is a period. Write the day of the count, its month or its year."),
    "out_of_range": _("“%(seen)s” lies outside the years that are recorded."),
    "future": _("This day is yet to come."),
}
ASKED: dict[str, str | Promise] = {
    "sheet": _("Which sheets are to be read?"),
    "account": _("Whose counts are these?"),
    "platform": _("Of which platform are these counts?"),
    "day": _("Of which day, month or year are these counts?"),
    "year": _("Of which year? The dates name none."),
    "unit": _("The title of the table gives a unit. Are the numbers in it?"),
    "decimal": _("Is the mark in “%(seen)s” one of thousands or of a fraction?"),
    "day_order": _("Is “%(seen)s” written day first or month first?"),
    "short_years": _("Is the short number in “%(seen)s” a year?"),
    "serials": _("Is “%(seen)s” a day as spreadsheets count them?"),
    "span": _("Is this count of the day, or of the month or year that begins on it?"),
    "fill": _("Cells under a name are empty. Do they repeat the name above?"),
    "actor": _("Who is “%(seen)s”?"),
    "word": _("Which platform is “%(seen)s”?"),
    "group": _("Which group is “%(seen)s”?"),
}
NOT_A_PLATFORM: dict[str, str | Promise] = {
    "unknown": _("“%(seen)s” is not a platform that is known here."),
    "several": _("“%(seen)s” names more than one platform: one count is of one of them."),
    "sum": _("“%(seen)s” is a sum over platforms, not the count of one."),
    "question": _("“%(seen)s” may be a platform. Say which."),
    "answered": _("“%(seen)s” names no single platform."),
}
NOT_A_LINK: dict[str, str | Promise] = {
    "email": _("“%(seen)s” is an e-mail address, not an account."),
    "phone": _("“%(seen)s” is a phone number, not an account."),
    "number": _("“%(seen)s” is a number, not an account."),
    "beside": _("“%(seen)s” holds more than an address. Leave the address alone in its cell."),
}
LEFT: dict[str, str | Promise] = {
    "total": _("A total: left out."),
    "average": _("An average: left out."),
    "heading": _("A heading or remark: left out."),
    "nothing": _("No count: “%(seen)s”."),
    "empty": _("No count."),
    "answered": _("Left out, as was answered."),
    "numbers": _("The numbers of the columns: left out."),
    "no_account": _("No account is named."),
}
DOUBT: dict[str, str | Promise] = {
    "zero": _("0 after %(before)s on %(day)s"),
    "tenfold": _("ten times %(before)s on %(day)s, or more"),
    "tenth": _("a tenth of %(before)s on %(day)s, or less"),
    "hundredfold": _("a hundred times %(before)s on %(day)s, or more"),
    "hundredth": _("a hundredth of %(before)s on %(day)s, or less"),
    "swapped": _("this count and that of %(other)s fit better the other way round"),
    "implausible": _("more than the platform has users"),
}
COLUMN_WHY: dict[str, str | Promise] = {
    "unknown": _("not known"),
    "email": _("e-mail addresses"),
    "phone": _("phone numbers"),
    "site": _("web sites"),
    "place": _("places"),
    "total": _("totals"),
    "other": _("not followers"),
    "known": _("for people; not read"),
    "second": _("another column says this"),
    "empty": _("empty"),
    "changes": _("changes, not totals"),
    "chosen": _("left out by you"),
}
ROLES: dict[str, str | Promise] = {
    "actor": _("Actor"),
    "name_kk": _("Name in Kazakh"),
    "name_ru": _("Name in Russian"),
    "name_en": _("Name in English"),
    "kind": _("Type"),
    "group": _("Group"),
    "platform": _("Platform"),
    "address": _("Address or handle"),
    "handle": _("Handle"),
    "platform_id": _("Platform id"),
    "account_id": _("Number of the account"),
    "followers": _("Followers"),
    "change": _("Change since the row before"),
    "day": _("Day, month or year"),
    "span": _("Period"),
    "state": _("State"),
    "bound": _("Bound"),
    "precision": _("Precision"),
    "observed_at": _("Instant"),
    "source": _("Source"),
    "locator": _("Place in the source"),
    "note": _("Note"),
    "number": _("Row number"),
    "left": _("Left out"),
}
