from django.urls import path

from newsletter import signup, views

app_name = "newsletter"
urlpatterns = [
    path("<slug:slug>/newsletter/", views.issue_list, name="issue_list"),
    path("<slug:slug>/newsletter/feed.atom", views.newsletter_feed, name="feed"),
    path(
        "<slug:slug>/newsletter/subscribe/",
        signup.newsletter_subscribe,
        name="newsletter_subscribe",
    ),
    path("<slug:slug>/newsletter/embed/", signup.newsletter_embed, name="embed"),
    path("<slug:slug>/newsletter/qr.svg", signup.newsletter_qr, name="qr"),
    path("<slug:slug>/newsletter/<int:number>/", views.issue_detail, name="issue_detail"),
    path(
        "<slug:slug>/newsletter/<int:number>/go/<str:public_id>/",
        views.issue_link,
        name="issue_link",
    ),
    path(
        "<slug:slug>/newsletter/<int:number>/pictures/<str:public_id>/",
        views.issue_picture,
        name="issue_picture",
    ),
]
