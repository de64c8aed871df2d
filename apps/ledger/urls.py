from django.urls import path

from apps.ledger import views

app_name = "ledger"
urlpatterns = [
    path("ledger.json", views.chain, name="chain"),
    path("ledger.txt.gz", views.whole, name="whole"),
    path("verify.py", views.verifier, name="verifier"),
    path("<int:number>.json", views.night, name="night"),
    path("<int:number>.txt.gz", views.lines, name="lines"),
]
