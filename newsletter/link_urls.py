"""Links from mails, under /m/: no sign-in, the token is the proof."""

from django.urls import path

from newsletter import views

urlpatterns = [path("<str:token>/named/", views.named_link, name="named_link")]
