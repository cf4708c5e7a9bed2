"""The newsletter by e-mail for anybody: an address, and a mail that asks once more."""

from hashlib import sha256
from ipaddress import ip_network

from allauth.account.adapter import get_adapter
from csp.decorators import csp_replace
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from members.access import with_community
from members.mailing import footer
from members.models import Community
from outbox.actions import find_mailing_list, request_subscription
from outbox.forms import SubscribeForm
from outbox.models import MailingList
from outbox.wordings import SIGN_UP

# An hour, from one computer or one house. An address gets one mail an hour, whoever asks.
LIMIT, HOUR = 20, 3600
WHY = gettext_lazy("You get this because somebody gave this address on our newsletter page.")


@csrf_exempt  # it uses no session: whoever posts could as well come without a cookie
@require_http_methods(["GET", "HEAD", "POST"])
@with_community
def newsletter_subscribe(request: HttpRequest, community: Community) -> HttpResponse:
    """The answer is the same whether we know the address or not."""
    form = SubscribeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.is_from_a_person and _is_within_limit(request):
            place = "qr" if request.GET.get("from") == "qr" else ""
            _ask(community, form.cleaned_data["address"], place)
        response = redirect("newsletter:newsletter_subscribe", slug=community.slug)
        response["Location"] += "?sent=1"
        return response
    context = {
        "form": form,
        "sent": "sent" in request.GET,
        "came_from": "?from=qr" if request.GET.get("from") == "qr" else "",
        "parents": [_archive(community)],
    }
    return render(request, "newsletter/newsletter_subscribe.html", context)


@csrf_exempt  # as above; in a frame of another site there is no cookie anyway
@csp_replace({"frame-ancestors": ["*"]})
@xframe_options_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@with_community
def newsletter_embed(request: HttpRequest, community: Community) -> HttpResponse:
    """The same form, small, for the pages of others: no navigation, no script, no cookie."""
    language = request.GET.get("lang", "")
    if language not in dict(settings.LANGUAGES):
        language = (get_language() or "en")[:2]
    with translation.override(language):
        form = SubscribeForm(request.POST or None)
        is_sent = request.method == "POST" and form.is_valid()
        if is_sent and form.is_from_a_person and _is_within_limit(request):
            _ask(community, form.cleaned_data["address"], "embed")
        context = {
            "community": community,
            "form": form,
            "language": language,
            "sent": is_sent,
            "wording": SIGN_UP,
        }
        return render(request, "newsletter/embed.html", context)


@require_safe
@with_community
def newsletter_qr(request: HttpRequest, community: Community) -> HttpResponse:
    """A picture that a phone reads: it opens the page where one signs up."""
    from newsletter.posters import qr_svg

    return HttpResponse(
        qr_svg(community),
        content_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"},
    )


def _ask(community: Community, address: str, place: str = "") -> None:
    language = (get_language() or "en")[:2]
    request_subscription(
        mailing_list=find_mailing_list(community.public_id, MailingList.Kind.NEWSLETTER),
        address=address,
        language=language,
        frame=footer(community, language=language, why=WHY, can_stop=False),
        now=timezone.now(),
        reply_to=community.contact_email,
        place=place,
    )


def _is_within_limit(request: HttpRequest) -> bool:
    """Counts by the network, under its hash. Without a cache everybody is within."""
    place = get_adapter().get_client_ip(request)
    network = ip_network(f"{place}/{64 if ':' in place else 32}", strict=False)
    key = f"newsletter_subscribe:{sha256(str(network).encode()).hexdigest()[:32]}"
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) <= LIMIT
    except ValueError:  # it ended between the two
        return True


def _archive(community: Community) -> dict[str, str]:
    return {"label": _("Newsletter"), "url": f"{community.get_absolute_url()}newsletter/"}
