from members.views.communities import community_page

__all__ = ["community_page"]
