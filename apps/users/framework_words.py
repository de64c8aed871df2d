"""Words of Django and allauth that their Kazakh catalogues lack. Nothing reads this list but whoever collects texts to translate."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

WORDS = (
    _("Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
    _("Your password can’t be too similar to your other personal information."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _("Enter the same password as before, for verification."),
    _("Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."),
    _("The two password fields didn’t match."),
    _("This password is too common."),
    _("This password is entirely numeric."),
    _("The password is too similar to the %(verbose_name)s."),
    _("Password confirmation"),
    _("username"),
    _("Forgot your password?"),
    _("A user with that username already exists."),
    _("0 of %(cnt)s selected"),
    _("Breadcrumbs"),
    _("Clear all filters"),
    _("Hide counts"),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("Toggle sorting"),
    _("Remove from sorting"),
    _("Sorting priority: %(priority_number)s"),
    _("Select all objects on this page for an action"),
    _("Select this object for an action - {}"),
    _("Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    _("Add another %(model)s"),
    _("Change selected %(model)s"),
    _("View selected %(model)s"),
    _("Administration"),
    _("Authentication and Authorization"),
    _("Date/time"),
    _("Change %s"),
    _("Select %s to change"),
    _("Go"),
    _("Delete selected %(verbose_name_plural)s"),
    _("Select a valid choice. %(value)s is not one of the available choices."),
)

PLURALS = (
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy("%(total_count)s selected", "All %(total_count)s selected"),
    ngettext_lazy(
        "%(count)s %(name)s was changed successfully.", "%(count)s %(name)s were changed successfully."
    ),
)
