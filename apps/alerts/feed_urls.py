from django.urls import path

from apps.alerts.feeds import ActorFeed, GroupFeed, SiteFeed

app_name = "feeds"
urlpatterns = [
    path("site.atom", SiteFeed(), name="site"),
    path("actors/<slug:slug>.atom", ActorFeed(), name="actor"),
    path("groups/<slug:slug>.atom", GroupFeed(), name="group"),
]
