from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cop.core.keeping_files import BESIDE, keys_in

PAGES_FOLDER = "library-pages"


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = _("Library")

    def ready(self) -> None:
        # Pictures of pages go when the file does.
        BESIDE[PAGES_FOLDER] = partial(keys_in, "library")
