from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django admin with our own site object: the desk."""

    default_site = "cop.desk_site.DeskSite"
