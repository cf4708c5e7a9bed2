from django.urls import path
from django.views.generic import RedirectView

from members import account_views

urlpatterns = [
    path("link/<str:token>/", account_views.sign_in_link, name="account_sign_in_link"),
    path("", RedirectView.as_view(pattern_name="me_home"), name="account_home"),
]
