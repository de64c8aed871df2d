from django.urls import path

from apps.users import views

app_name = "users"
urlpatterns = [
    path("", views.security, name="security"),
    path("sessions/end/", views.end_others, name="end_others"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
]
