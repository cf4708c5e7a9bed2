from newsletter.admin.issues import IssueAdmin

__all__ = ["IssueAdmin"]
