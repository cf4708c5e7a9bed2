from newsletter.models.history import IssueVersion
from newsletter.models.issues import IssueQuerySet, NewsletterIssue
from newsletter.models.items import IssueItem, IssuePicture
from newsletter.models.links import IssueLink, LinkCheck
from newsletter.models.people import NamedPerson

__all__ = [
    "IssueItem",
    "IssueLink",
    "IssuePicture",
    "IssueQuerySet",
    "IssueVersion",
    "LinkCheck",
    "NamedPerson",
    "NewsletterIssue",
]
