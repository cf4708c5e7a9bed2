"""What changes the library."""

from library.actions.resources import (
    Incomplete,
    NotNow,
    TooMany,
    WouldWiden,
    check_not_wider,
    edit_resource,
    publish_resource,
    resubmit_resource,
    return_resource,
    scan_files,
    submit_resource,
    withdraw_resource,
)

__all__ = [
    "Incomplete",
    "NotNow",
    "TooMany",
    "WouldWiden",
    "check_not_wider",
    "edit_resource",
    "publish_resource",
    "resubmit_resource",
    "return_resource",
    "scan_files",
    "submit_resource",
    "withdraw_resource",
]
