from django.apps import AppConfig
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    verbose_name = _("Editor's desk")

    def ready(self) -> None:
        """Say yes and no in the reader's language where Django's pictures say True and False."""
        from django.contrib.admin.templatetags import admin_list

        draw = admin_list._boolean_icon  # type: ignore[attr-defined]  # the one place that draws it
        words = {True: _("Yes"), False: _("No"), None: _("Unknown")}

        def draw_in_words(value: bool | None) -> str:
            return mark_safe(str(draw(value)).replace(f'alt="{value}"', f'alt="{words[value]}"'))  # noqa: S308

        admin_list._boolean_icon = draw_in_words  # type: ignore[attr-defined]
