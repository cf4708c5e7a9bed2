"""Many resources at once, as the desk shows it."""

import pytest

from library.actions.importing import run_imports
from library.models import LibraryImport
from tests.conftest import CAST
from tests.factories import NOW
from tests.library.folders import HEAD, links, packed, pdf, sent
from tests.library.test_imports import LIST, looked, states


@pytest.mark.parametrize("who", CAST)
def test_the_desk_is_for_keepers(request, sign_in, community, priya, who):
    run = looked(community, priya, {"resources.csv": links(1)})
    client = sign_in(request.getfixturevalue(who))

    keeps = who in {"priya", "admin"}
    for path in ("", "add/", "template/", "out/"):
        status = client.get(f"{LIST}{path}").status_code
        assert (status == 200) == (keeps or who == "outsider"), path
    assert (client.get(f"{LIST}{run.pk}/change/").status_code == 200) == keeps
    client.post(f"{LIST}{run.pk}/change/", {"do": "take"})
    run.refresh_from_db()
    assert (run.state == "running") == keeps


def test_the_whole_way_at_the_desk(sign_in, community, priya):
    client = sign_in(priya)
    table = HEAD + "<b>.pdf,<script>x</script>,Words.,tool,own\n"
    data = packed({"resources.csv": table + links(60).partition("\n")[2].replace("https", "x")})
    page = client.post(f"{LIST}add/", {"community": community.pk, "file": sent(data)}, follow=True)
    assert "Look again" in page.content.decode()

    run_imports(now=NOW)
    run = LibraryImport.objects.get()
    page = client.get(f"{LIST}{run.pk}/change/").content.decode()
    assert "&lt;script&gt;x" in page
    assert "Page 1 of 2" in page
    assert client.get(f"{LIST}{run.pk}/change/?show=bad&page=2").status_code == 200
    client.post(f"{LIST}{run.pk}/change/", {"do": "drop"})
    assert not LibraryImport.objects.exists()


def test_what_is_no_folder_is_said_beside_the_field(sign_in, community, priya):
    page = sign_in(priya).post(
        f"{LIST}add/", {"community": community.pk, "file": sent(b"no zip at all")}
    )

    assert "Pack the folder again" in page.content.decode()
    assert not LibraryImport.objects.exists()


def test_the_template_is_a_table_we_can_read(sign_in, community, priya):
    data = b"".join(sign_in(priya).get(f"{LIST}template/").streaming_content)
    run = looked(community, priya, {"resources.csv": data, "leaflets/night-shift.pdf": pdf()})

    assert states(run) == ["good"]
    assert run.problem == ""


def test_queries_of_the_page_do_not_grow(sign_in, community, priya, django_assert_max_num_queries):
    client = sign_in(priya)
    run = looked(community, priya, {"resources.csv": links(120)})
    with django_assert_max_num_queries(14):
        client.get(f"{LIST}{run.pk}/change/")


def test_where_all_is_there_already_one_press_takes_it_all_the_same(sign_in, community, priya):
    client = sign_in(priya)
    first = looked(community, priya, {"resources.csv": links(2)})
    client.post(f"{LIST}{first.pk}/change/", {"do": "take"})
    run_imports(now=NOW)
    again = looked(community, priya, {"resources.csv": links(2)})
    page = client.get(f"{LIST}{again.pk}/change/").content.decode()

    assert "Take it over all the same" in page
    assert '<input type="hidden" name="same" value="on">' in page
