from django.urls import path, re_path

from apps.exports import edition_views, views

app_name = "exports"
urlpatterns = [
    path("snapshots.csv", views.snapshots_csv, name="snapshots_csv"),
    path("standings.csv", views.standings_csv, name="standings_csv"),
    path("trend.csv", views.trend_csv, name="trend_csv"),
]
urlpatterns += [
    re_path(r"^editions/(?P<key>[-\w]{1,80})\.(?P<ending>csv|csv\.gz)$", edition_views.edition, name="edition"),
]
