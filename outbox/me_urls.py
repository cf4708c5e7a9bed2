from django.urls import path

from outbox import me_views

urlpatterns = [path("mail/works/", me_views.address_works, name="address_works")]
