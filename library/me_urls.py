from django.urls import path

from library.views import consent

urlpatterns = [path("in-the-library/", consent.my_credits, name="my_credits")]
