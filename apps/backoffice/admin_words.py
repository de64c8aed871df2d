"""Words of Django's admin that its Kazakh catalogue lacks. Nothing reads this list but whoever collects texts to translate."""

from django.utils.translation import gettext_noop as _

WORDS = (
    _("%(app)s administration"),
    _("Add link"),
    _("Change or view list link"),
    _("Model name"),
    _("My actions"),
    _("No, take me back"),
    _("Objects"),
    _("Password change successful"),
    _("Recent actions"),
    _("Select %s to view"),
    _("Set password"),
    _("Show counts"),
    _("Skip to main content"),
    _("Summary"),
    _("Toggle theme (current theme: auto)"),
    _("Toggle theme (current theme: dark)"),
    _("Toggle theme (current theme: light)"),
    _("View %s"),
    _("View site"),
    _("Yes, I’m sure"),
)
