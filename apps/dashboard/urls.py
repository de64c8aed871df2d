from allauth.account.views import login
from django.contrib.auth.views import LogoutView
from django.urls import path

from apps.dashboard import forms, views
from apps.dashboard.compare_form import CompareForm
from apps.dashboard.page_cache import public_page
from apps.dashboard.views.ledger import mail as ledger_mail

app_name = "dashboard"
urlpatterns = [
    path("", public_page(views.overview, forms.OverviewForm), name="overview"),
    path("standings/", public_page(views.standings, forms.StandingsForm), name="standings"),
    path("groups/", public_page(views.groups), name="groups"),
    path("groups/<slug:slug>/", public_page(views.group, forms.GroupForm), name="group"),
    path("actors/", public_page(views.actors, forms.ActorsForm), name="actors"),
    path("actors/<slug:slug>/", public_page(views.actor, forms.ActorForm), name="actor"),
    path("compare/", public_page(views.compare, CompareForm, also="near"), name="compare"),
    path("context/", public_page(views.context, forms.PageForm), name="context"),
    path("context/events/", public_page(views.events, forms.EventsForm), name="events"),
    path("check/", public_page(views.check), name="check"),
    path("corrections/", public_page(views.corrections, forms.PageForm), name="corrections"),
    path("corrections/ask/", views.ask, name="ask"),
    path("corrections/asked/<uuid:key>/", views.asked, name="asked"),
    path("corrections/merged/<int:pk>/", public_page(views.merged, forms.PageForm), name="merged"),
    path("data/", public_page(views.data), name="data"),
    path("data/ledger/", public_page(views.ledger, forms.PageForm), name="ledger"),
    path("data/ledger/mail/", ledger_mail, name="ledger_mail"),
    path("editions/", public_page(views.editions, forms.PageForm), name="editions"),
    path("editions/freeze/", views.freeze, name="freeze"),
    path("editions/<slug:key>/", public_page(views.edition), name="edition"),
    path("me/", views.me, name="me"),
    path("me/peers/", views.change_peers, name="change_peers"),
    path("me/reply/", views.reply, name="reply"),
    path("accounts/login/", login, name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("search/", public_page(views.search, forms.SearchForm), name="search"),
    path("suggest/", views.suggest, name="suggest"),
    path("method/", public_page(views.method), name="method"),
    path("status/", views.status, name="status"),
    path("status/unusual/", views.unusual_days, name="unusual"),
]
