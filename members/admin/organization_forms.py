"""Forms of the desk about organizations and houses. They check; the actions change."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField
from cop.core.time import DEFAULT_ZONE, zone_choices
from members.cities import find_city
from members.models import Community, Organization, Site
from members.queries import find_duplicates
from members.queries.organizations import FREE_MAIL, Likeness, host_of

ORGANIZATION_FIELDS = [
    "name", "legal_name", "kind", "city", "domains", "web", "phone", "language",
    "is_indigenous_led", "is_regulator_or_funder",
]  # fmt: skip
SITE_FIELDS = [
    "name", "city", "region", "timezone", "address", "address_confidential", "shows_city",
    "services", "beds", "population", "operator", "opened_on", "closed_on",
]  # fmt: skip
WIDE = {"class": "vTextField"}
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OrganizationForm(forms.ModelForm):
    """A new one is compared with those we know before it is saved (O4)."""

    communities: QuerySet[Community] = Community.objects.none()
    duplicates: list[Likeness] = []

    name = OneLineField(
        label=gettext_lazy("Name"),
        max_length=255,
        help_text=gettext_lazy("As people call it."),
        widget=forms.TextInput(attrs=WIDE),
    )
    legal_name = OneLineField(
        label=gettext_lazy("Legal name"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs=WIDE),
    )
    city = OneLineField(
        label=gettext_lazy("City"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "cities", **WIDE}),
    )
    domains = forms.CharField(
        label=gettext_lazy("Mail domains"),
        required=False,
        help_text=gettext_lazy(
            "For example: house.example. Whoever shows an address there works there, without a "
            "question. Several with commas. Never a free mail service."
        ),
        widget=forms.TextInput(attrs=WIDE),
    )
    web = forms.URLField(
        label=gettext_lazy("Web page"),
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs=WIDE),
    )
    for_community = forms.ModelChoiceField(
        label=gettext_lazy("For the community"),
        queryset=Community.objects.none(),
        empty_label=None,
        required=False,
        help_text=gettext_lazy("Its staff find the organization from now on."),
    )
    is_new = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Organization
        fields = ORGANIZATION_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if "domains" in self.fields:
            self.initial["domains"] = ", ".join(self.instance.domains)
        if self.instance.pk is not None:
            del self.fields["for_community"]
        else:
            mine = self.communities.order_by("name", "pk")
            self.fields["for_community"].queryset = mine
            self.initial.setdefault("for_community", mine.first())

    def clean_domains(self) -> list[str]:
        words = self.cleaned_data["domains"].replace(";", ",").replace(" ", ",").split(",")
        hosts = list(dict.fromkeys(host_of(word) for word in words if word.strip()))
        if any("." not in host or len(host) > 120 for host in hosts):
            raise forms.ValidationError(_("This is not a mail domain. For example: house.example"))
        free = sorted(set(hosts) & FREE_MAIL)
        if free:
            raise forms.ValidationError(
                _("Everybody can have an address at %(domain)s. Leave it out.")
                % {"domain": free[0]}
            )
        return hosts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            data["for_community"] = data.get("for_community") or self.communities.first()
            self._look_for_duplicates(data)
        return data

    def _look_for_duplicates(self, data: dict[str, Any]) -> None:
        if data.get("is_new") or self.errors:
            return
        self.duplicates = find_duplicates(
            name=data.get("name", ""),
            legal_name=data.get("legal_name", ""),
            domains=data.get("domains", []),
            web=data.get("web", ""),
            phone=data.get("phone", ""),
        )
        if self.duplicates:
            self.add_error(None, _("Is it one of these? Look first, then save it all the same."))


class SiteForm(forms.ModelForm):
    """A house. Health region and clock come from the city, and can be changed (O2)."""

    city = OneLineField(
        label=gettext_lazy("City"),
        max_length=80,
        widget=forms.TextInput(attrs={"list": "cities", **WIDE}),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Health region"),
        choices=[("", gettext_lazy("From the city")), *Site.Region.choices],
        required=False,
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [("", gettext_lazy("From the city")), *zone_choices()],
        required=False,
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Services"),
        choices=Site.Service.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Site
        fields = SITE_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name in ("region", "timezone"):
            if self.instance.pk is None and name in self.fields:
                self.initial[name] = ""
        if "services" in self.fields:
            known = dict(Site.Service.choices)
            more = [(one, one) for one in self.instance.services if one not in known]
            self.fields["services"].choices = [*Site.Service.choices, *more]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        city = find_city(data.get("city", ""))
        moved = self.instance.pk is not None and "city" in self.changed_data
        for name, proposed in (
            ("region", city.region if city else ""),
            ("timezone", city.zone if city else ""),
        ):
            # In another town the old region and clock are wrong, unless somebody just set them.
            if proposed and (not data.get(name) or (moved and name not in self.changed_data)):
                data[name] = proposed
        if data.get("city") and not data.get("region"):
            self.add_error("region", _("We do not know this town. Choose its health region."))
        data["timezone"] = data.get("timezone") or DEFAULT_ZONE
        return data


class CloseForm(forms.Form):
    closed_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DATE,
        help_text=gettext_lazy("Today, or a day before."),
    )


class NamingForm(forms.Form):
    """What an organization told the team about its name in the newsletter."""

    community = forms.ModelChoiceField(
        label=gettext_lazy("In the newsletter of"),
        queryset=Community.objects.none(),
        empty_label=None,
    )
    given = forms.TypedChoiceField(
        label=gettext_lazy("They told us"),
        choices=[("yes", gettext_lazy("May be named")), ("no", gettext_lazy("May not be named"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    how = OneLineField(
        label=gettext_lazy("How they said it"),
        max_length=200,
        help_text=gettext_lazy("For example: their manager, by phone, 3 November."),
        widget=forms.TextInput(attrs=WIDE),
    )

    def __init__(self, *args: Any, communities: QuerySet[Community], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = communities
        self.initial.setdefault("community", communities.first())
