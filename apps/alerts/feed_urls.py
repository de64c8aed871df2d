from django.urls import path

from apps.alerts.feeds import ActorFeed, GroupFeed, SiteFeed
from apps.common.cross_origin import readable_anywhere

app_name = "feeds"
urlpatterns = [
    path("site.atom", readable_anywhere(SiteFeed()), name="site"),
    path("actors/<slug:slug>.atom", readable_anywhere(ActorFeed()), name="actor"),
    path("groups/<slug:slug>.atom", readable_anywhere(GroupFeed()), name="group"),
]
