"""Texts of the sign-in pages: our own messages, and words of django-allauth that its Kazakh catalogue lacks."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

# Said on the next page, by the name of allauth's template. What is not here is not said.
MESSAGES: dict[str, Promise] = {
    "account/messages/password_changed.txt": _("The password has been changed."),
    "account/messages/email_confirmation_sent.txt": _("A link has been sent to the new e-mail address."),
    "account/messages/email_confirmed.txt": _("The e-mail address is confirmed."),
    "account/messages/email_deleted.txt": _("The e-mail address has been removed."),
    "account/messages/primary_email_set.txt": _("Mail now goes to this address."),
    "account/messages/cannot_delete_primary_email.txt": _("The address that mail goes to cannot be removed."),
    "account/messages/unverified_primary_email.txt": _(
        "First confirm this address: open the link in the mail."
    ),
    "mfa/messages/totp_activated.txt": _("The authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is no longer asked for."),
    "mfa/messages/webauthn_added.txt": _("The security key is set up."),
    "mfa/messages/webauthn_removed.txt": _("The security key has been removed."),
    "mfa/messages/recovery_codes_generated.txt": _(
        "There are new recovery codes; the old ones no longer work."
    ),
}

ERRORS = {
    "username_password_mismatch": _(
        "User name and password do not match. Check capital letters: they matter."
    ),
    "email_password_mismatch": _(
        "E-mail and password do not match. Capital and small letters are told apart in passwords."
    ),
    "too_many_login_attempts": _("Too many wrong passwords or codes. Try again in five minutes."),
    "account_inactive": _("This account has been switched off."),
    "incorrect_code": _("This code is wrong or has expired. Enter the code shown in the app now."),
    "incorrect_password": _("The password is wrong."),
    "enter_current_password": _("The current password is wrong."),
    "rate_limited": _("Too many requests. Wait a little and try again."),
    "select_only_one": _("Choose only one."),
}

# Looked up by allauth itself; named here so that the catalogue has them.
OTHERS = (
    gettext_noop("Current Password"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("You must type the same password each time."),
    gettext_noop("Email"),
    gettext_noop("Email address"),
    gettext_noop("Code"),
    gettext_noop("Authenticator code"),
    gettext_noop("Master key"),
    gettext_noop("Backup key"),
    gettext_noop("This email address is already associated with this account."),
    gettext_noop("A user is already registered with this email address."),
    gettext_noop("Use your password"),
    gettext_noop("Use authenticator app or code"),
    gettext_noop("Use a security key"),
    gettext_noop("Your password has been changed."),
    gettext_noop("Password Changed"),
    gettext_noop("Your email has been changed from %(from_email)s to %(to_email)s."),
    gettext_noop("Email Changed"),
    gettext_noop("Your email has been confirmed."),
    gettext_noop("Email Confirmation"),
    gettext_noop("Email address %(deleted_email)s has been removed from your account."),
    gettext_noop("Email Removed"),
    gettext_noop("Your password has been reset."),
    gettext_noop("Password Reset"),
    gettext_noop("Your password has been set."),
    gettext_noop("Password Set"),
    gettext_noop("Authenticator app activated."),
    gettext_noop("Authenticator App Activated"),
    gettext_noop("Authenticator app deactivated."),
    gettext_noop("Authenticator App Deactivated"),
    gettext_noop("A new security key has been added."),
    gettext_noop("Security Key Added"),
    gettext_noop("A security key has been removed."),
    gettext_noop("Security Key Removed"),
    gettext_noop("A new set of Two-Factor Authentication recovery codes has been generated."),
    gettext_noop("New Recovery Codes Generated"),
)
