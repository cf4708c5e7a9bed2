from members.views.communities import community_list_page, community_page

__all__ = ["community_list_page", "community_page"]
