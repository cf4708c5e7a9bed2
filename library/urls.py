from django.urls import path

from library.views import resources as views

app_name = "library"
urlpatterns = [
    path("<slug:slug>/library/", views.resource_list, name="resource_list"),
    path("<slug:slug>/library/add/", views.resource_create, name="resource_create"),
    path("<slug:slug>/library/<slug:public_id>/", views.resource_detail, name="resource_detail"),
    path("<slug:slug>/library/<slug:public_id>/edit/", views.resource_edit, name="resource_edit"),
    path("<slug:slug>/library/<slug:public_id>/file/", views.resource_file, name="resource_file"),
]
