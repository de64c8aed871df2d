from django.urls import path

from apps.alerts.feeds import ActorFeed, GroupFeed, SiteFeed
from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import with_language

app_name = "feeds"
urlpatterns = [
    path("site.atom", readable_anywhere(with_language(SiteFeed())), name="site"),
    path("actors/<slug:slug>.atom", readable_anywhere(with_language(ActorFeed())), name="actor"),
    path("groups/<slug:slug>.atom", readable_anywhere(with_language(GroupFeed())), name="group"),
]
