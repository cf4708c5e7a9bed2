from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from cop.core.links import BadLink, read_token
from members.adapters import LINK_LIFE
from members.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """One more tap: GET shows a button, since mail scanners open links. POST signs in, once.

    Works in another browser than the one that asked. Staff pass their second factor as always.
    """
    try:
        public_id, seen, shared, following = read_token(
            "sign-in", token, max_age=int(LINK_LIFE.total_seconds())
        )
    except (BadLink, TypeError, ValueError):
        return render(request, "account/sign_in_link_dead.html", status=410)
    user = User.objects.filter(public_id=public_id, is_active=True).first()
    if user is None or seen != _seen(user):
        return render(request, "account/sign_in_link_dead.html", status=410)
    if request.method != "POST":
        return render(request, "account/sign_in_link.html", {"hint": _hint(user.email)})
    if not _use_up(user):
        return render(request, "account/sign_in_link_dead.html", status=410)
    if not EmailAddress.objects.filter(user=user, email=user.email).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    verify_email_indirectly(request, user, user.email)
    record_authentication(request, user, method="code", email=user.email)
    request.session["shared_device"] = bool(shared)
    safe = url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()})
    login = Login(user=user, redirect_url=following if safe else None, email=user.email)
    return perform_login(request, login)


def _seen(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""


def _use_up(user: User) -> bool:
    """Only one tap wins: the link names the last sign-in, and this moves it."""
    same = User.objects.filter(pk=user.pk, last_login=user.last_login)
    return same.update(last_login=timezone.now()) == 1


def _hint(address: str) -> str:
    """d…@…ca: enough to know one's own address, not enough to learn another's."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@…{domain.rpartition('.')[2]}"
