"""Version 1. An address that stands here stays; docs/api.md says what that means."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from apps.api import views
from apps.api.index import IndexView

app_name = "api"
urlpatterns = [
    path("", IndexView.as_view(), name="index"),
    path("actors/", views.ActorsView.as_view(), name="actors"),
    path("actors/<slug:slug>/", views.ActorView.as_view(), name="actor"),
    path("accounts/", views.AccountsView.as_view(), name="accounts"),
    path("accounts/<int:pk>/", views.AccountView.as_view(), name="account"),
    path("groups/", views.GroupsView.as_view(), name="groups"),
    path("groups/<slug:slug>/", views.GroupView.as_view(), name="group"),
    path("snapshots/", views.SnapshotsView.as_view(), name="snapshots"),
    path("snapshots/<int:pk>/proof/", views.ProofView.as_view(), name="proof"),
    path("imports/", views.ImportsView.as_view(), name="imports"),
    path("lists/", views.ListsView.as_view(), name="lists"),
    path("standings/", views.StandingsView.as_view(), name="standings"),
    path("trends/", views.TrendsView.as_view(), name="trends"),
    path("overtakes/", views.OvertakesView.as_view(), name="overtakes"),
    path("milestones/", views.MilestonesView.as_view(), name="milestones"),
    path("corrections/", views.CorrectionsView.as_view(), name="corrections"),
    path("indicators/", views.IndicatorsView.as_view(), name="indicators"),
    path("indicators/<slug:key>/values/", views.IndicatorValuesView.as_view(), name="indicator_values"),
    path("events/", views.EventsView.as_view(), name="events"),
    path("claims/", views.ClaimsView.as_view(), name="claims"),
    path("sources/", views.SourcesView.as_view(), name="sources"),
    path("sources/<slug:key>/", views.SourceView.as_view(), name="source"),
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("docs/", RedirectView.as_view(pattern_name="api_docs"), name="docs"),
]
# The same without the last slash, which programs leave out.
urlpatterns += [path(str(one.pattern).rstrip("/"), one.callback) for one in urlpatterns[1:]]
urlpatterns.append(re_path("", views.NowhereView.as_view()))
