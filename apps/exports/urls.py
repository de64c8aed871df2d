from django.urls import path, re_path

from apps.exports import edition_views, views

app_name = "exports"
urlpatterns = [
    path(f"{table}.{ending}", view, {"ending": ending}, name=f"{table}_{ending}")
    for table, view in [
        ("snapshots", views.snapshots),
        ("standings", views.standings),
        ("trend", views.trend),
        ("indicators", views.indicators),
    ]
    for ending in views.TYPES
]
urlpatterns += [
    re_path(
        r"^editions/(?P<key>[-\w]{1,80})\.(?P<ending>csv|csv\.gz)$", edition_views.edition, name="edition"
    ),
]
