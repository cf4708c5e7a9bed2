"""Finding in the library: words in both languages, slips forgiven, titles first, with counts."""

from library.search.excerpts import Excerpt, excerpt_of
from library.search.filters import Filters
from library.search.finding import BEST, PAGE, Found, find
from library.search.related import related_to

__all__ = ["BEST", "PAGE", "Excerpt", "Filters", "Found", "excerpt_of", "find", "related_to"]
