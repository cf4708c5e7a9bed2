from django.urls import path

from newsletter import views

app_name = "newsletter"
urlpatterns = [
    path("<slug:slug>/newsletter/", views.issue_list, name="issue_list"),
    path("<slug:slug>/newsletter/<int:number>/", views.issue_detail, name="issue_detail"),
]
