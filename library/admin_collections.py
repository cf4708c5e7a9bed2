"""Collections at the desk: words, order, published or not."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.audit import record
from library.models import Collection, CollectionItem, Resource
from members.desk import CommunityAdmin


class ItemFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Only resources of the community whose collection it is."""
        super().clean()
        for form in self.forms:
            resource = getattr(form, "cleaned_data", {}).get("resource")
            if resource and resource.community_id != self.instance.community_id:
                raise ValidationError(_("“%(title)s” is of another community.")
                                      % {"title": resource.title})  # fmt: skip


class ItemInline(admin.TabularInline):
    model = CollectionItem
    formset = ItemFormSet
    fields = ["order", "resource", "note"]
    ordering = ["order", "pk"]
    autocomplete_fields = ["resource"]
    extra = 1

    # Whoever may change the collection may change what is in it.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(Collection)
class CollectionAdmin(CommunityAdmin):
    desk_roles = edit_roles = Resource.KEEPER_ROLES
    may_add = may_delete = True
    has_history = True
    list_display = ["title", "community", "visibility", "is_starter", "is_published"]
    list_filter = ["is_published", "visibility"]
    search_fields = ["title", "title_fr"]
    ordering = ["title", "pk"]
    inlines = [ItemInline]
    fieldsets = [
        (None, {"fields": ["community", "title", "title_fr", "summary", "summary_fr"]}),
        (gettext_lazy("Who sees it"), {"fields": ["visibility", "is_starter", "is_published"]}),
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        return ["community"] if obj else []

    def save_model(
        self, request: HttpRequest, obj: Collection, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.curated_by = request.user
        super().save_model(request, obj, form, change)
        action = "library.collection_changed" if change else "library.collection_made"
        record(action, obj, by=request.user, scope=obj.community.public_id)

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        record("library.collection_deleted", obj, by=request.user, scope=obj.community.public_id)
        super().delete_model(request, obj)
