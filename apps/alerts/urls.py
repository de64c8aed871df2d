from django.urls import path

from apps.alerts import views

app_name = "alerts"
urlpatterns = [
    path("", views.my_alerts, name="list"),
    path("rules/new/", views.edit_rule, name="new_rule"),
    path("rules/<int:pk>/", views.edit_rule, name="rule"),
    path("rules/<int:pk>/<slug:what>/", views.change_rule, name="change_rule"),
    path("destinations/new/", views.add_destination, name="new_destination"),
    path("destinations/<int:pk>/<slug:what>/", views.change_destination, name="change_destination"),
    path("digests/new/", views.add_digest, name="new_digest"),
    path("digests/<int:pk>/<slug:what>/", views.change_digest, name="change_digest"),
    path("log/<int:pk>/again/", views.try_again, name="try_again"),
]
