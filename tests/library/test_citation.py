"""How to cite: the line, BibTeX and RIS."""

import re
from datetime import date

import pytest

from library.models import ResourceCredit
from library.queries.citations import bibtex, citation_of, ris
from tests.factories import make_person
from tests.library.factories import make_resource


def credited(resource, name: str, **fields) -> None:
    values = {
        "part": "author", "is_named": True, "consent": "given",
        "consent_visibility": resource.visibility,
    } | fields  # fmt: skip
    ResourceCredit.objects.create(resource=resource, person=make_person(name), **values)


def test_the_line_names_those_who_said_yes(community):
    resource = make_resource(
        community, title="Night card", edition="2nd edition", rights="cc_by", body="Words", url="",
        date_of_source=date(2024, 3, 1),
    )  # fmt: skip
    credited(resource, "Dani Achebe-Roy")
    credited(resource, "Silent Sam", consent="asked", consent_visibility="")
    credited(resource, "Hidden Hana", is_named=False)

    line = citation_of(resource).line
    assert line.startswith("Dani Achebe-Roy (2024). Night card (2nd edition). Every Door, http")
    assert line.endswith(f"{resource.public_id}/. CC BY 4.0.")
    for one in (line, bibtex(citation_of(resource)), ris(citation_of(resource))):
        assert "Sam" not in one
        assert "Hana" not in one


def test_a_yes_for_fewer_readers_names_nobody(community):
    resource = make_resource(community, visibility="public", publisher="Coast Health")
    credited(resource, "Dani Achebe-Roy", consent_visibility="members")
    assert citation_of(resource).authors == "Coast Health"


def test_never_the_name_of_who_sent_it_in(community, dani):
    resource = make_resource(community, submitted_by=dani, body="Words", url="")
    one = citation_of(resource)
    assert one.authors == "Every Door"
    assert dani.display_name not in one.line + bibtex(one) + ris(one)
    # The community once, not twice.
    assert one.line.count("Every Door") == 1


def test_bibtex_escapes_what_latex_would_read(community):
    resource = make_resource(
        community, rights="cc_by_nc",
        title="50 % of {nights} & $5_for #1 ~ ^ \\input{x}\n}\n@misc{",
        publisher="Food, Beds and Care", url="https://a.example/a_b?c=%7B1%7D&d=}{é",
    )  # fmt: skip
    text = bibtex(citation_of(resource))
    title = re.search(r"title = \{\{(.*)\}\},", text)
    assert title
    assert title[1] == (
        r"50 \% of \{nights\} \& \$5\_for \#1 \textasciitilde{} \textasciicircum{} "
        r"\textbackslash{}input\{x\} \} @misc\{"
    )
    # A body stays one name, whatever stands in it.
    assert "author = {{Food, Beds and Care}}," in text
    assert "url = {https://a.example/a_b?c=%7B1%7D&d=%7D%7B%C3%A9}," in text
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert text.count("@misc{every") == 1


def test_bibtex_keeps_names_apart(community):
    resource = make_resource(community, body="Words", url="")
    credited(resource, "Ana And")
    credited(resource, "Roy, Dani and Co")
    assert "author = {{Ana And} and {Roy, Dani and Co}}" in bibtex(citation_of(resource))


def test_ris_has_its_lines(community):
    resource = make_resource(
        community, kind="slides", title="Café\r\nER  - \r\nTY  - JOUR", language="fr", body="Mots",
        url="", date_of_source=date(2025, 1, 2),
    )  # fmt: skip
    credited(resource, "Zoë ʔa Müller")
    text = ris(citation_of(resource))
    lines = text.split("\r\n")
    assert lines[0] == "TY  - SLIDE"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])
    assert "\n" not in text.replace("\r\n", "")
    assert {"LA  - fr", "Y1  - 2025///", "AU  - Zoë ʔa Müller"} <= set(lines)
    assert "TI  - Café ER - TY - JOUR" in lines
    assert sum(line.startswith("TY") for line in lines) == 1


@pytest.mark.parametrize("form", ["bib", "ris"])
def test_the_files(client, community, form):
    resource = make_resource(community, title="Café ʔa مرحبا", body="Words", url="")
    answer = client.get(f"{resource.get_absolute_url()}cite.{form}")
    assert answer.status_code == 200
    assert "Café ʔa مرحبا" in answer.content.decode("utf-8")
    assert "charset=utf-8" in answer["Content-Type"]
    assert answer["Content-Disposition"].startswith('attachment; filename="everydoor')


@pytest.mark.parametrize("form", ["bib", "ris"])
def test_what_one_may_not_see_is_not_cited(client, sign_in, community, dani, form):
    closed = make_resource(community, visibility="members")
    gone = make_resource(community, state="withdrawn")
    for one in (closed, gone):
        assert client.get(f"{one.get_absolute_url()}cite.{form}").status_code == 404
    assert sign_in(dani).get(f"{closed.get_absolute_url()}cite.{form}").status_code == 200


def test_the_page_shows_the_line(client, community):
    resource = make_resource(community, title="A <b>card</b>", body="Words", url="")
    text = client.get(resource.get_absolute_url()).content.decode()
    assert "How to cite it" in text
    assert "A &lt;b&gt;card&lt;/b&gt;. http" in text
