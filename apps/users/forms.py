from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.forms import SetPasswordMixin, UsernameField
from django.utils.translation import gettext_lazy as _

from apps.users.models import User


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label = _("User name or e-mail")
        name.widget.attrs = {"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
        password.label = _("Password")
        password.help_text = ""
        password.widget.attrs = {"autocomplete": "current-password"}


class AcceptForm(SetPasswordMixin, forms.ModelForm[User]):  # type: ignore[type-arg]  # not subscriptable
    """Whoever was invited chooses a name and a password."""

    password1, password2 = SetPasswordMixin.create_password_fields(label1=_("Password"))

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name")
        field_classes = {"username": UsernameField}

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        return super().clean() or self.cleaned_data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook: the instance is filled by now
        self.validate_password_for_user(self.instance)
