from django.urls import path

from apps.exports import views

app_name = "exports"
urlpatterns = [
    path("snapshots.csv", views.snapshots_csv, name="snapshots_csv"),
    path("standings.csv", views.standings_csv, name="standings_csv"),
    path("trend.csv", views.trend_csv, name="trend_csv"),
]
