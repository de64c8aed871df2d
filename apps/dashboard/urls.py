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
    path("corrections/", views.corrections, name="corrections"),
    path("data/", views.data, name="data"),
    path("search/", views.search, name="search"),
    path("method/", views.method, name="method"),
    path("status/", views.status, name="status"),
]
