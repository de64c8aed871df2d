from allauth.account.views import login
from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.dashboard import forms, views
from apps.dashboard.compare_form import CompareForm
from apps.dashboard.page_cache import kept

app_name = "dashboard"
urlpatterns = [
    path("", kept(views.overview, forms.OverviewForm), name="overview"),
    path("standings/", kept(views.standings, forms.StandingsForm), name="standings"),
    path("groups/", kept(views.groups), name="groups"),
    path("groups/<slug:slug>/", kept(views.group, forms.GroupForm), name="group"),
    path("actors/", kept(views.actors, forms.ActorsForm), name="actors"),
    path("actors/<slug:slug>/", kept(views.actor, forms.ActorForm), name="actor"),
    path("compare/", kept(views.compare, CompareForm, also="near"), name="compare"),
    path("context/", kept(views.context, forms.PageForm), name="context"),
    path("context/events/", kept(views.events, forms.EventsForm), name="events"),
    path("check/", kept(views.check), name="check"),
    path("corrections/", kept(views.corrections, forms.PageForm), name="corrections"),
    path("corrections/ask/", views.ask, name="ask"),
    path("corrections/asked/<uuid:key>/", views.asked, name="asked"),
    path("corrections/merged/<int:pk>/", kept(views.merged, forms.PageForm), name="merged"),
    path("data/", kept(views.data), name="data"),
    path("editions/", kept(views.editions, forms.PageForm), name="editions"),
    path("editions/freeze/", views.freeze, name="freeze"),
    path("editions/<slug:key>/", kept(views.edition), name="edition"),
    path("me/", views.me, name="me"),
    path("me/peers/", views.change_peers, name="change_peers"),
    path("me/reply/", views.reply, name="reply"),
    path("accounts/login/", login, name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("search/", kept(views.search, forms.SearchForm), name="search"),
    path("method/", kept(views.method), name="method"),
    path("status/", views.status, name="status"),
    path("status/unusual/", views.unusual_days, name="unusual"),
]
