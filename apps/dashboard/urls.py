from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("standings/", views.standings, name="standings"),
    path("groups/", views.groups, name="groups"),
    path("groups/<slug:slug>/", views.group, name="group"),
    path("actors/", views.actors, name="actors"),
    path("actors/<slug:slug>/", views.actor, name="actor"),
    path("compare/", views.compare, name="compare"),
    path("corrections/", views.corrections, name="corrections"),
    path("data/", views.data, name="data"),
    path("me/", views.me, name="me"),
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("search/", views.search, name="search"),
    path("method/", views.method, name="method"),
    path("status/", views.status, name="status"),
    path("status/unusual/", views.unusual_days, name="unusual"),
]
