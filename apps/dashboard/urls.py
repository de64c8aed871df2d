from allauth.account.views import login
from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.dashboard import views
from apps.dashboard.page_cache import kept

app_name = "dashboard"
urlpatterns = [
    path("", kept(views.overview), name="overview"),
    path("standings/", kept(views.standings), name="standings"),
    path("groups/", kept(views.groups), name="groups"),
    path("groups/<slug:slug>/", kept(views.group), name="group"),
    path("actors/", kept(views.actors), name="actors"),
    path("actors/<slug:slug>/", kept(views.actor), name="actor"),
    path("compare/", kept(views.compare), name="compare"),
    path("context/", kept(views.context), name="context"),
    path("corrections/", kept(views.corrections), name="corrections"),
    path("corrections/ask/", views.ask, name="ask"),
    path("corrections/asked/<uuid:key>/", views.asked, name="asked"),
    path("corrections/merged/<int:pk>/", kept(views.merged), name="merged"),
    path("data/", kept(views.data), name="data"),
    path("editions/", kept(views.editions), name="editions"),
    path("editions/freeze/", views.freeze, name="freeze"),
    path("editions/<slug:key>/", kept(views.edition), name="edition"),
    path("me/", views.me, name="me"),
    path("me/peers/", views.change_peers, name="change_peers"),
    path("me/reply/", views.reply, name="reply"),
    path("accounts/login/", login, name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("search/", kept(views.search), name="search"),
    path("method/", kept(views.method), name="method"),
    path("status/", views.status, name="status"),
    path("status/unusual/", views.unusual_days, name="unusual"),
]
