"""Links from mails, under /m/: no sign-in, the token is the proof."""

from django.urls import path

from library.views import consent

urlpatterns = [path("<str:token>/consent/", consent.consent_link, name="consent_link")]
