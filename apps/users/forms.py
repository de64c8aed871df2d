from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordMixin, UsernameField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.users import outbox
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

    def user_credentials(self) -> dict[str, str]:
        """Return what is looked up: a name, which the backend takes for an e-mail address too.

        allauth would look an address up twice, and check the password of whoever has it twice: the time would tell.
        """
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}


class ResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Takes a wish for a new password without looking whether anybody has the address: no page tells."""

    def clean_email(self) -> str:
        self.users: list[User] = []
        email: str = self.cleaned_data["email"]
        return email.lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        if settings.EMAIL_URL:
            outbox.ask_for_reset(email)
        return email


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
