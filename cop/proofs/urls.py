from django.contrib import admin
from django.urls import path

from cop.proofs import views

desk = admin.site.admin_view
urlpatterns = [
    path("", desk(views.proof_list), name="proof_list"),
    path("<slug:name>/", desk(views.proof_detail), name="proof_detail"),
    path("<slug:name>/html/", desk(views.proof_html), name="proof_html"),
    path("<slug:name>/send/", desk(views.proof_send), name="proof_send"),
]
