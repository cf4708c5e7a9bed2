"""A sentence in a PDF found by a misspelt word, read, cited and used; a photo sent from a phone and
published at the desk; and nobody behind the wall sees any of it."""

from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from cop.demo.documents import make_document
from library.actions import submit_resource
from library.actions.reading import read_waiting_files
from library.models import Resource, ResourceUse
from members.models import Community
from tests.factories import make_member, make_staff
from tests.journeys.conftest import DESKTOP, PHONE, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENTENCE = "Une tisane et une couverture valent mieux qu'un formulaire."


def guide(community: Community, librarian: Any) -> Resource:
    resource = submit_resource(
        community=community, person=librarian, now=timezone.now(), publish=True, kind="tool",
        title="La première nuit", summary="Pour la personne de garde.", language="fr",
        visibility="members", topics=["nuit"],
        upload=make_document("premiere-nuit.pdf", ["La porte", SENTENCE]),
    )  # fmt: skip
    assert read_waiting_files() == 1
    return resource


def photo() -> dict[str, Any]:
    data = BytesIO()
    Image.new("RGB", (800, 600), "#446").save(data, "JPEG")
    return {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def test_found_read_cited_and_used(
    community: Community, page_of: Any, open_browser: Any, funder: Any
) -> None:
    resource = guide(community, make_staff(community, "librarian"))
    phone = page_of(make_member(community, "Luc Gagnon"), PHONE)

    # One slip in each word; results come while they are typed.
    phone.goto(f"/{community.slug}/library/")
    phone.get_by_label("Search the library").press_sequentially("tizane couvertur", delay=20)
    phone.locator("mark", has_text="couverture").wait_for()
    assert phone.locator("mark", has_text="tisane").is_visible()
    assert phone.get_by_text("Inside the file").is_visible()
    row = phone.get_by_role("link", name="La première nuit")
    no_sideways_scroll(phone)
    row.click()

    # Its pages are pictures, and the words can be read.
    picture = phone.get_by_alt_text("Page 1 of 2")
    picture.scroll_into_view_if_needed()
    phone.wait_for_function(
        "image => image.complete && image.naturalWidth > 100", arg=picture.element_handle()
    )
    no_sideways_scroll(phone)
    phone.get_by_text("How to cite it").click()
    assert phone.locator("#cite-line").inner_text().count("La première nuit") == 1

    phone.get_by_role("button", name="I used this").click()
    phone.get_by_label("What did you change").fill("Deux tisanes.")
    phone.locator("#your-story button[type=submit]").first.click()
    assert phone.get_by_text("Deux tisanes.").first.is_visible()
    assert ResourceUse.objects.get().story == "Deux tisanes."

    # Neither a visitor nor somebody behind the wall learns of it, wherever they look.
    for other in (open_browser(PHONE), page_of(funder, PHONE)):
        other.goto(f"/{community.slug}/search/?q=tisane")
        assert other.get_by_text("Nothing found").is_visible()
        for place in ("", "?topic=nuit", "collections/", "feed.atom", "export.csv"):
            page = other.request.get(f"/{community.slug}/library/{place}")
            assert "première nuit" not in page.text(), place
        for place in ("", "file/", "view/", "page/1/", "cite.bib"):
            page = other.request.get(f"{resource.get_absolute_url()}{place}")
            assert page.status == 404, place
        assert resource.public_id not in other.request.get("/sitemap-resources.xml").text()


def test_a_photo_from_a_phone_to_the_shelf(community: Community, page_of: Any, post: Any) -> None:
    librarian, dani = make_staff(community, "librarian"), make_member(community, "Dani")
    phone, desk = page_of(dani, PHONE), page_of(librarian, DESKTOP)

    phone.goto(f"/{community.slug}/library/add/")
    phone.get_by_label("A photo or a file").set_input_files(photo())
    phone.get_by_label("What is it?").fill("Whiteboard of our night rota")
    phone.get_by_label("Why does it help?").fill("Anybody sees who is on.")
    no_sideways_scroll(phone)
    phone.get_by_role("button", name="Send it to the librarian").click()
    assert phone.get_by_text("not in the library yet").first.is_visible()

    resource = Resource.objects.get()
    desk.goto(f"/desk/library/resource/{resource.pk}/change/")
    assert desk.get_by_text("Nothing: it is complete.").is_visible()
    desk.get_by_role("link", name="Publish").click()
    for box in desk.get_by_role("checkbox").all():
        box.check()
    desk.locator("input[type=submit]").first.click()
    resource.refresh_from_db()
    assert resource.state == "published"

    assert "Whiteboard of our night rota" in post(dani.email)["Subject"]
    phone.goto(f"/{community.slug}/search/?q=rota")
    phone.get_by_role("link", name="Whiteboard of our night rota").click()
    picture = phone.locator("figure img, .preview img").first
    phone.wait_for_function(
        "image => image.complete && image.naturalWidth > 100", arg=picture.element_handle()
    )
