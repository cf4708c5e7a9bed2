from django.urls import path

from outbox import views

app_name = "outbox"
urlpatterns = [
    path("<str:token>/unsubscribe/", views.unsubscribe, name="unsubscribe"),
    path("<str:token>/choices/", views.choices_edit, name="choices_edit"),
]
