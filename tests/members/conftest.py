from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cop.core.uploads import CheckedUpload, check_upload
from members.actions import submit_application
from members.models import Community, Criterion, MembershipApplication, Organization, User
from tests.factories import NOW, make_organization, make_staff


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def criterion(community: Community) -> Criterion:
    return community.criteria.get(code="REGISTERED")


@pytest.fixture
def house(db: None) -> Organization:
    return make_organization("Moss Stair Recovery House", city="Powell River")


@pytest.fixture
def reviewer(community: Community) -> User:
    return make_staff(community, "reviewer", "Anneke Sorrell")


def make_photo(name: str = "licence.png") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (40, 30), "white").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/png")


@pytest.fixture
def photo() -> SimpleUploadedFile:
    return make_photo()


@pytest.fixture
def checked_photo(photo: SimpleUploadedFile) -> CheckedUpload:
    return check_upload(photo)


def apply(community: Community, person: User, **changes: Any) -> MembershipApplication:
    """An application with everything; a test names only what it is about."""
    values = {
        "applying_as": "provider",
        "agreement": community.agreements.first(),
        "criterion": community.criteria.first(),
        "reference": "Moss Stair",
        "role_title": "Manager",
        "role_group": "manager",
        "now": NOW,
    } | changes
    return submit_application(community=community, person=person, **values)


@pytest.fixture
def application(
    community: Community, newcomer: User, house: Organization, checked_photo: CheckedUpload
) -> MembershipApplication:
    return apply(community, newcomer, organization=house, document=checked_photo)
