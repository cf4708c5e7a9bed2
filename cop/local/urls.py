from django.urls import path

from cop.local import views

urlpatterns = [
    path("", views.mailbox_list, name="mailbox_list"),
    path("delete/", views.mailbox_delete, name="mailbox_delete"),
    path("<slug:name>/", views.mailbox_detail, name="mailbox_detail"),
    path("<slug:name>/html/", views.mailbox_html, name="mailbox_html"),
    path("<slug:name>/files/<int:number>/", views.mailbox_file, name="mailbox_file"),
]
