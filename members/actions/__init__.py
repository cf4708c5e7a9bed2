from members.actions.applications import answer_request, withdraw_application
from members.actions.decisions import (
    approve_application,
    decline_application,
    request_information,
)
from members.actions.documents import purge_old_documents, scan_documents
from members.actions.joining import submit_application
from members.actions.memberships import leave_community
from members.actions.roles import end_role, grant_role
from members.actions.standing import keep_standing

__all__ = [
    "answer_request",
    "approve_application",
    "decline_application",
    "end_role",
    "grant_role",
    "keep_standing",
    "leave_community",
    "purge_old_documents",
    "request_information",
    "scan_documents",
    "submit_application",
    "withdraw_application",
]
