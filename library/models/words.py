"""Every word that stands in the library once: what a slip of the thumb is compared with."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class SearchWord(models.Model):
    """A word as typed, lower case, accents folded. It says nothing about where it stands.

    Never shown as it is: a near word counts only where it finds something for the reader.
    """

    word = models.CharField(max_length=40, primary_key=True)

    class Meta:
        indexes = [
            GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_letters")
        ]

    def __str__(self) -> str:
        return self.word
