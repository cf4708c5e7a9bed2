"""Lists of organizations and people, in and out: looked through first, then taken over whole."""

from members.actions.imports.exports import export_list, export_name
from members.actions.imports.runs import (
    cancel_import,
    confirm_import,
    progress_of,
    purge_imports,
    start_import,
)
from members.actions.imports.tables import TableRefused, check_table
from members.actions.imports.work import run_imports

__all__ = [
    "TableRefused",
    "cancel_import",
    "check_table",
    "confirm_import",
    "export_list",
    "export_name",
    "progress_of",
    "purge_imports",
    "run_imports",
    "start_import",
]
