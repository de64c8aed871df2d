"""Sentences for what is typed and is no count, or does not go with its state."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOT_A_COUNT: dict[str, str | Promise] = {
    "empty": _("Write the count."),
    "shape": _(
        "“%(seen)s” is not a number that can be read without guessing. Write 76 012, 76K or 76,0 тыс."
    ),
    "unit": _("“%(seen)s” is not known as a unit. Use K, M, тыс., млн or мың."),
    "lone_unit": _("“%(seen)s” alone may be thousand or million. Write тыс., мың, млн, K or M."),
    "fraction": _("“%(seen)s” has a fraction but no unit. Write 76,5 тыс. or 76500."),
    "mark": _(
        "“%(seen)s” may be thousands or a fraction of a thousand. Write the digits alone, or one figure after the comma."
    ),
    "percent": _("“%(seen)s” is a percentage, not a count."),
    "negative": _("“%(seen)s” is negative. A count of followers never is: is it a change?"),
    "power": _("“%(seen)s” is shown in powers of ten and has lost its last figures. Write all of them."),
    "range": _("“%(seen)s” is a range. Write one number, with “more than” or “about” where it needs one."),
    "letter": _("“%(seen)s” has a letter among the digits."),
    "footnote": _("A footnote hangs on this number (“%(seen)s”): look at it, then write the digits alone."),
    "large": _("“%(seen)s” is more than there are people."),
}

# By the codes of rules.value_problems.
VALUE_PROBLEMS: dict[str, str | Promise] = {
    "number_missing": _("A row whose state is “counted” has a number."),
    "number_negative": _("A count of followers is never negative."),
    "number_of_a_state": _("Only a row whose state is “counted” has a number."),
    "bound_of_a_state": _("Only a row whose state is “counted” has a bound."),
}
