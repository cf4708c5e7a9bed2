from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.core.links import absolute
from cop.demo.cast import STARTERS
from cop.health import health_report
from cop.local.guard import local_only
from members.models import Community, User
from members.queries.communities import with_features, with_standing
from members.views import community_list_page, community_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """With one community, its page; with several, the list; on a new site, what to do first."""
    rows = with_standing(with_features(Community.objects.public()), request.user)
    communities = list(rows.order_by("pk")[:2])
    if len(communities) == 1:
        request.community = communities[0]
        return community_page(request, communities[0])
    return community_list_page(request, "home.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accessibility.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read public pages. What is private says noindex by itself, too."""
    hidden = ["/account/", f"/{settings.DESK_PATH}/", "/me/", "/m/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in hidden)]
    lines.append(f"Sitemap: {absolute(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("img/favicon.svg"), permanent=True)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Normally answered by FrontDoorMiddleware; here for the address book of the site."""
    report = health_report(now=timezone.now())
    return JsonResponse(report, status=200 if report["ok"] else 503)


@require_safe
@local_only
def start(request: HttpRequest) -> HttpResponse:
    """`make run` only: who to look at the product as."""
    return render(
        request, "start.html", {"starters": STARTERS.values(), "desk": settings.DESK_PATH}
    )


@require_POST
@local_only
def start_as(request: HttpRequest, who: str) -> HttpResponse:
    """Sign in as one of the demo people, second factor included. Impossible on a server."""
    starter = STARTERS.get(who)
    person = User.objects.filter(email=starter.email).first() if starter else None
    if person is None:
        raise Http404
    logout(request)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session["account_authentication_methods_user"] = str(person.pk)
    request.session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "at": timezone.now().timestamp()}
    ]
    messages.info(request, _("You are signed in as %(name)s.") % {"name": person})
    target = reverse("admin:index") if starter.to_desk else reverse("home")
    return redirect(starter.path or target)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without database, session or context: whatever broke, this page must not."""
    return HttpResponse(get_template("500.html").render({}), status=500)
