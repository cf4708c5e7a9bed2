"""The site on a disk of a few megabytes: without the reserve that it would never get past."""

from cop.core import storages
from cop.wsgi import application  # noqa: F401

storages.DISK_FLOOR = 0
