from django.urls import path

from outbox import signup_views, views

app_name = "outbox"
urlpatterns = [
    path("<str:token>/unsubscribe/", views.unsubscribe, name="unsubscribe"),
    path("<str:token>/choices/", views.choices_edit, name="choices_edit"),
    path("<str:token>/confirm/", signup_views.subscription_confirm, name="subscription_confirm"),
]
