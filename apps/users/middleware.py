"""No page opens to editors and admins before their second factor."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.users import second_factor

# Where one may go without it. Whatever is not named is closed: a new page needs no thought.
SETTING_UP = (
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "dashboard:logout",
)
CONFIRMING = ("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout", "dashboard:logout")

# They show nothing of a session and never look for one: a shared cache may hold what they answer.
COOKIELESS = ("/embed/", "/picture/", "/oembed")


class SecondFactor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session's cookie there is nobody: the public pages are not asked about.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(COOKIELESS):
            user = request.user
            if second_factor.is_needed(user) and not second_factor.is_proven(request):
                has_one = second_factor.of(user).exists()
                allowed = [reverse(name) for name in (CONFIRMING if has_one else SETTING_UP)]
                if request.path not in allowed:
                    return redirect_to(request, allowed[0])
        return self.get_response(request)


def redirect_to(request: HttpRequest, way: str) -> HttpResponse:
    """Lead a page to the way on; tell a program in its own form."""
    if request.path.startswith("/api/"):
        words = _("Editors sign in with a second factor first.")
        return JsonResponse({"error": {"code": "second_factor", "message": words}}, status=403)
    following = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{way}?{urlencode({'next': following})}")
