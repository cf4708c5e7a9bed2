from newsletter.views.feed import newsletter_feed
from newsletter.views.issues import issue_detail, issue_list
from newsletter.views.links import issue_link
from newsletter.views.people import named_link
from newsletter.views.pictures import issue_picture

__all__ = [
    "issue_detail",
    "issue_link",
    "issue_list",
    "issue_picture",
    "named_link",
    "newsletter_feed",
]
