"""Samples of the mails about an account."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute, make_token
from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from members.account_emails import account_email

PERSON = _("whoever typed the address")
HOLDER = _("whose account it is")
CODE = "407613"


def _sample(
    prefix: str,
    title: Words,
    trigger: Words,
    make: Callable[[], dict[str, Any]] = dict,
    to: Words = PERSON,
) -> Sample:
    kind = prefix.rpartition("/")[2]

    def build(scene: Scene) -> Email:
        return account_email(prefix, "dani@house.example", make(), scene.language)

    return Sample(kind, kind, prefix, title, to, trigger, build)


def _notice(prefix: str, title: Words, trigger: Words, **context: str) -> Sample:
    known = {"user_agent": "", "ip": "", **context}
    return _sample(prefix, title, trigger, lambda: dict(known), to=HOLDER)


def _code() -> dict[str, Any]:
    return {"code": CODE}


def _code_and_link() -> dict[str, Any]:
    token = make_token("sign-in", ["sample", "", False, ""])
    return {"code": CODE, "link_url": absolute(reverse("account_sign_in_link", args=[token]))}


SAMPLES = [
    _sample(
        "account/email/login_code",
        _("Code to sign in"),
        _("they ask for a code"),
        _code_and_link,
    ),
    _sample(
        "account/email/email_confirmation_signup",
        _("Code to confirm a new account"),
        _("they make an account"),
        _code_and_link,
    ),
    _sample(
        "account/email/email_confirmation",
        _("Code to confirm an address"),
        _("they change their address"),
        _code,
    ),
    _sample(
        "account/email/account_already_exists",
        _("There is an account already"),
        _("somebody signs up with a known address"),
    ),
    _sample(
        "account/email/unknown_account",
        _("There is no such account"),
        _("somebody asks for a code with an address we do not know"),
    ),
    _sample(
        "account/email/password_reset_code",
        _("Code for a new password"),
        _("they forgot their password"),
        _code,
    ),
    _notice(
        "account/email/password_changed", _("Password changed"), _("they changed their password")
    ),
    _notice("account/email/password_set", _("First password"), _("they set a password")),
    _notice(
        "account/email/password_reset", _("New password by code"), _("they set a new password")
    ),
    _notice(
        "account/email/email_changed",
        _("Address changed"),
        _("they changed their address; goes to the old one"),
        from_email="dani@house.example",
        to_email="dani@new-house.example",
    ),
    _notice(
        "account/email/email_deleted",
        _("Address taken out"),
        _("they took an address out"),
        deleted_email="dani@old-house.example",
    ),
    _notice("mfa/email/totp_activated", _("Sign-in app set up"), _("they set up a sign-in app")),
    _notice("mfa/email/totp_deactivated", _("Sign-in app taken out"), _("they took the app out")),
    _notice(
        "mfa/email/recovery_codes_generated",
        _("New recovery codes"),
        _("they made new recovery codes"),
    ),
    _notice("mfa/email/webauthn_added", _("Passkey added"), _("they added a passkey")),
    _notice("mfa/email/webauthn_removed", _("Passkey taken out"), _("they took a passkey out")),
]
