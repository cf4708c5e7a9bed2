"""The text inside files, and pictures of pages: read in a child process that may burst or hang."""

from library.extraction.reader import Reading, draw_page, read_file

__all__ = ["Reading", "draw_page", "read_file"]
