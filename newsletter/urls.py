from django.urls import path

from newsletter import signup, views

app_name = "newsletter"
urlpatterns = [
    path("<slug:slug>/newsletter/", views.issue_list, name="issue_list"),
    path(
        "<slug:slug>/newsletter/subscribe/",
        signup.newsletter_subscribe,
        name="newsletter_subscribe",
    ),
    path("<slug:slug>/newsletter/<int:number>/", views.issue_detail, name="issue_detail"),
]
