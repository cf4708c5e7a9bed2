"""Resources put together by hand, in an order: for a theme, or to begin with."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from library.models.audience import Visibility, admits

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Published collections for this person's eyes; what is in them is asked anew (G3)."""
        return self.filter(admits(person), is_published=True)


class Collection(models.Model):
    """`is_starter`: shown to people in their first weeks, one per community."""

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="collections", verbose_name=_("community")
    )
    title = models.CharField(_("title"), max_length=120)
    title_fr = models.CharField(_("title in French"), max_length=120, blank=True)
    summary = models.TextField(_("what it is for"), blank=True)
    summary_fr = models.TextField(_("what it is for, in French"), blank=True)
    visibility = models.CharField(
        _("who may see it"), max_length=20, choices=Visibility, default=Visibility.MEMBERS
    )
    is_starter = models.BooleanField(_("to begin with, for new members"), default=False)
    is_published = models.BooleanField(_("published"), default=False)
    curated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("put together by"),
    )  # fmt: skip
    updated_at = models.DateTimeField(auto_now=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.UniqueConstraint(
                fields=["community"], condition=Q(is_starter=True), name="one_starter_collection"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:collection_detail", args=[self.community.slug, self.public_id])


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    resource = models.ForeignKey("library.Resource", models.CASCADE, related_name="+")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    note = models.CharField(_("why it is here"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("resource in a collection")
        verbose_name_plural = _("resources in a collection")
        constraints = [
            models.UniqueConstraint(fields=["collection", "resource"], name="collection_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.order}"
