from django.contrib import admin
from django.urls import path

from cop.outgoing import views, why_views

desk = admin.site.admin_view
urlpatterns = [
    path("", desk(views.board), name="outgoing_board"),
    path("sending/", desk(views.sending), name="outgoing_sending"),
    path("hold/", desk(views.hold), name="outgoing_hold"),
    path("release/", desk(views.release), name="outgoing_release"),
    path("stop/", desk(views.stop), name="outgoing_stop"),
    path("move/", desk(views.move), name="outgoing_move"),
    path("look/", desk(views.look), name="outgoing_look"),
    path("decide/", desk(views.decide), name="outgoing_decide"),
    path("why/", desk(why_views.why), name="outgoing_why"),
    path("why/<slug:public_id>/", desk(why_views.why_person), name="outgoing_why_person"),
    path("why/address/<int:pk>/", desk(why_views.why_address), name="outgoing_why_address"),
]
