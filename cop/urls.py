from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path
from django.views.i18n import set_language

from cop import views
from cop.leaving import community_leave
from cop.search import search_everything
from cop.sitemap import SITEMAPS
from cop.styleguide import styleguide
from meetings.views.attendance import certificate_check
from outbox.webhooks import mail_event

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(
        "sitemap-<section>.xml",
        sitemaps.sitemap,
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("favicon.ico", views.favicon, name="favicon"),
    path("language/", set_language, name="set_language"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("check/", certificate_check, name="certificate_check"),
    path("start/", views.start, name="start"),
    path("start/<slug:who>/", views.start_as, name="start_as"),
    path("styleguide/", styleguide, name="styleguide"),
    path("account/", include("members.account_urls")),
    path("account/", include("allauth.urls")),
    path(f"{settings.DESK_PATH}/mails/", include("cop.proofs.urls")),
    path(f"{settings.DESK_PATH}/outgoing/", include("cop.outgoing.urls")),
    path(f"{settings.DESK_PATH}/", admin.site.urls),
    path("mailbox/", include("cop.local.urls")),
    path("m/", include("outbox.urls")),
    path("mail-events/<slug:provider>/tracking/", mail_event, name="mail_event"),
    path("m/", include("meetings.link_urls")),
    path("m/", include("library.link_urls")),
    path("m/", include("newsletter.link_urls")),
    path("me/leave/<slug:slug>/", community_leave, name="community_leave"),
    path("me/", include("outbox.me_urls")),
    path("me/", include("members.me_urls")),
    path("me/", include("meetings.me_urls")),
    path("me/", include("library.me_urls")),
    path("<slug:slug>/search/", search_everything, name="search"),
    path("", include("library.urls")),
    path("", include("meetings.urls")),
    path("", include("newsletter.urls")),
    path("", include("members.urls")),
]
handler500 = "cop.views.server_error"
