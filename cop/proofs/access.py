from members.models import Community, User

ROLES = ("coordinator", "editor")


def may_proof_read(person: User) -> bool:
    """Those who write to members: coordinators and editors of any community, administrators."""
    return person.is_superuser or Community.objects.staffed_by(person, *ROLES).exists()
