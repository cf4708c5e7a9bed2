from django.db import models

from cop.core.ids import random_id


class EmailKeyField(models.EmailField):
    """An address compared without regard to capitals (PostgreSQL citext)."""

    def db_type(self, connection: object) -> str:
        return "citext"


class PublicIdField(models.CharField):
    """The random id that stands in addresses and history instead of a serial number (G6)."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs |= {"max_length": 20, "unique": True, "editable": False, "default": random_id}
        super().__init__(*args, **kwargs)
