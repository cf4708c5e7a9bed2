import uuid
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context as allauth_context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.links import absolute, make_token
from cop.core.mail import one_line
from cop.core.time import database_now
from members.account_emails import account_email, human_address
from members.models import User
from outbox.actions import queue_email
from outbox.models import Purpose

CODE_LIFE = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
LINK_LIFE = timedelta(minutes=30)


class AccountAdapter(DefaultAccountAdapter):
    """allauth's edge: its mail goes through the outbox, off the request, like all other mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "That is not the code of the newest e-mail. Look again, or send another code."
        ),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = User.objects.filter(email=email, is_active=True).first()
        language = user.language if user else translation.get_language() or "en"
        now = database_now()
        if user and context.get("code") and "reset" not in template_prefix:
            context["link_url"] = sign_in_link(user)
        queue_email(
            key=f"account:{uuid.uuid4()}",
            kind=template_prefix.rpartition("/")[2],
            purpose=Purpose.SECURITY,
            email=account_email(template_prefix, email, context, language),
            address=email,
            # A code is dead after ten minutes, a link after thirty; late is confusing.
            expires_at=now + (LINK_LIFE if context.get("code") else timedelta(days=2)),
            reply_to=human_address(),
            sender_name=settings.SITE_NAME,
        )

    def post_login(
        self,
        request: HttpRequest,
        user: User,
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if request.session.pop("shared_device", False):
            request.session.set_expiry(0)  # ends with the browser
        else:
            request.session.set_expiry(settings.SESSION_COOKIE_AGE)
        return response

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: ANN401
        user.display_name = one_line(form.cleaned_data.get("display_name", ""))[:120]
        user.language = (translation.get_language() or "en")[:2]
        zone = getattr(request, "zone", None)
        if zone:
            user.timezone = zone
        return super().save_user(request, user, form, commit)

    def clean_password(self, password: str, user: User | None = None) -> str:
        if user is not None and user.is_staff and len(password) < 15:
            raise ValidationError(_("Staff passwords have at least 15 characters."))
        return super().clean_password(password, user)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address the trusted proxies saw; a header the visitor made up counts for nothing."""
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        hops = [hop.strip() for hop in hops if hop.strip()]
        if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
            return hops[-settings.TRUSTED_PROXIES]
        return request.META["REMOTE_ADDR"]


def remember_second_factor(
    request: HttpRequest,
    user: User,
    authenticator: Authenticator,
    **kwargs: Any,  # noqa: ANN401
) -> None:
    """Whoever has just set up an app or a passkey has shown it: the desk asks no second time."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(
            request,
            user,
            "mfa",
            id=authenticator.pk,
            type=authenticator.type,
            reauthenticated=True,
        )


def sign_in_link(user: User) -> str:
    """A link that signs in once: it dies with the next sign-in, or after half an hour."""
    seen = user.last_login.isoformat() if user.last_login else ""
    request = allauth_context.request
    shared = bool(request and request.session.get("shared_device"))
    following = (request.POST.get("next") or request.GET.get("next") or "") if request else ""
    token = make_token("sign-in", [user.public_id, seen, shared, following[:200]])
    return absolute(reverse("account_sign_in_link", args=[token]))
