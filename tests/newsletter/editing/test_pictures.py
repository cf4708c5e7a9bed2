"""Pictures: drawn anew, small, described; nothing hidden in the file comes along."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from newsletter.actions.pictures import MOST_BYTES, WIDEST
from newsletter.models import IssuePicture
from tests.core.uploads import PDF
from tests.newsletter.makers import make_issue, make_item

pytestmark = pytest.mark.django_db


def drawn(kind="JPEG", size=(2000, 1000), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, options.pop("color", "teal")).save(out, kind, **options)
    return out.getvalue()


def with_place():
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    return drawn(exif=exif)


@pytest.fixture
def desk(community, priya, sign_in):
    issue = make_issue(community, state="approved", approved_by=priya)
    item = make_item(issue)
    client = sign_in(priya)

    def put(content, name="door.jpg", **data):
        url = reverse("admin:newsletter_issue_picture", args=[issue.pk, item.pk])
        values = {"alt": "A half-open door", "agreed": "on"} | data
        if content is not None:
            values["file"] = SimpleUploadedFile(name, content)
        return client.post(url, values, follow=True).content.decode()

    put.client, put.issue, put.item = client, issue, item
    return put


@pytest.mark.parametrize(
    "content",
    [drawn(), drawn("PNG", mode="RGBA", color=(0, 0, 0, 0)), drawn("WEBP"), drawn("GIF"),
     drawn(size=(3, 5)), with_place()],
)  # fmt: skip
def test_a_picture_is_drawn_anew(desk, content):
    assert "The picture is in." in desk(content)

    picture = IssuePicture.objects.get()
    kept = bytes(picture.content)
    image = Image.open(io.BytesIO(kept))
    assert (image.format, image.size) == ("JPEG", (picture.width, picture.height))
    assert image.width <= WIDEST
    assert len(kept) <= IssuePicture.MAX_PICTURE
    assert not image.getexif()
    assert b"SecretCamera" not in kept
    desk.issue.refresh_from_db()
    assert (desk.issue.state, desk.issue.approved_by) == ("editing", None)


def test_what_was_see_through_becomes_white(desk):
    desk(drawn("PNG", size=(4, 4), mode="RGBA", color=(0, 0, 0, 0)))
    image = Image.open(io.BytesIO(bytes(IssuePicture.objects.get().content)))
    assert image.getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", PDF, drawn()[:200], b"<svg onload=alert(1)></svg>", b"x" * MOST_BYTES * 2,
     drawn("PNG", size=(9000, 9000), color="white")],
    ids=["empty", "text", "pdf", "cut off", "svg", "too large", "too many pixels"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_with_a_sentence(desk, content):
    body = desk(content)
    assert not IssuePicture.objects.exists()
    assert "errorlist" in body or 'class="error"' in body


def test_words_and_the_yes_of_who_is_in_it_are_required(desk):
    assert "errorlist" in desk(drawn(), alt="")
    assert "errorlist" in desk(drawn(), agreed="")
    assert not IssuePicture.objects.exists()


def test_other_words_another_picture_and_none(desk):
    desk(drawn())
    desk(None, alt="A door with a lamp", alt_fr="Une porte")
    picture = IssuePicture.objects.get()
    assert (picture.alt, picture.alt_fr) == ("A door with a lamp", "Une porte")
    assert "The picture is gone." in desk(None, remove="1")
    desk.item.refresh_from_db()
    assert desk.item.picture is None


def test_the_file_is_for_those_who_work_on_it(desk, client, dani, outsider, sign_in):
    desk(drawn())
    picture = IssuePicture.objects.get()
    url = reverse("admin:newsletter_issue_picture_file", args=[desk.issue.pk, picture.public_id])
    answer = desk.client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert sign_in(dani).get(url).status_code == 302
    assert sign_in(outsider).get(url).status_code == 404
