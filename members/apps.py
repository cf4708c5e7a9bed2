from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        # allauth's hooks end in our adapters; they can be connected once all apps are loaded.
        from allauth.mfa.signals import authenticator_added

        from members.adapters import remember_second_factor

        authenticator_added.connect(remember_second_factor, dispatch_uid="second-factor")
