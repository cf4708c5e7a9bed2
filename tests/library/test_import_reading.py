import io
import stat
import zipfile

import pytest

from cop.core.errors import ActionError
from library.importing.columns import guard, read_cell, unguard
from library.importing.folder import Folder, FolderRefused
from library.importing.plans import plan_line
from library.importing.table import read_table, title_of
from tests.library.folders import HEAD, folder, packed, pdf, sent


def plans(parts):
    packed_folder = Folder(folder(parts))
    return [plan_line(one, packed_folder, {}) for one in read_table(packed_folder).lines]


def test_a_folder_without_a_table_makes_a_line_of_each_file():
    found = plans({"Leaflets/night-shift_card.pdf": pdf(), "b.txt": "hello"})

    assert [one.title for one in found] == ["B", "Night shift card"]
    assert [one.problems for one in found] == [[], []]
    assert found[0].values["visibility"] == "members"
    assert found[0].is_guessed


@pytest.mark.parametrize(
    "name", [".DS_Store", "__MACOSX/._a.pdf", "a/Thumbs.db", "._x.pdf", "desktop.ini", "empty/"]
)
def test_what_computers_put_beside_it_is_left_alone(name):
    assert [one.title for one in plans({name: b"x", "card.pdf": pdf()})] == ["Card"]


def test_links_on_the_disk_are_left_alone():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("card.pdf")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("b.pdf", pdf())

    assert [one.path for one in Folder(sent(out.getvalue())).files] == ["b.pdf"]


@pytest.mark.parametrize("name", ["../../etc/x.pdf", "/etc/x.pdf", "C:/x.pdf", "..\\..\\x.pdf"])
def test_a_path_that_leads_out_is_a_mistake_of_its_line(name):
    (one,) = plans({name: pdf()})

    assert "leads out" in " ".join(one.problems)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04broken", packed({"a": "x"})[:-8]])
def test_what_is_no_zip_is_refused_with_a_sentence(data):
    with pytest.raises(FolderRefused, match="Pack the folder again"):
        Folder(sent(data))


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(FolderRefused, match="500 MB"):
        Folder(folder({"zeros.txt": b"0" * (30 * 1024 * 1024)}))


def test_a_directory_that_lies_about_a_size_is_found_out():
    data = bytearray(packed({"a.txt": b"words " * 1000}))
    at = data.rfind(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    lying = Folder(sent(bytes(data)))

    with pytest.raises(ActionError, match="broken in the ZIP"):
        lying.read(lying.files[0])


def test_more_than_a_thousand_files_are_too_many():
    with pytest.raises(FolderRefused, match=r"1,000 files"):
        Folder(folder({f"{n}.txt": "x" for n in range(1001)}))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_tables_in_every_dress(separator, encoding):
    heads = ["Fichier", "TITRE", "Résumé", "Type", "Thèmes", "Droits", "Éditeur", "Langue"]
    cells = [
        "été.pdf",
        "Accueil à l’été",
        "En clair.",
        "Outil",
        "nuit|relève",
        "own",
        "CIUSSS",
        "fr",
    ]
    text = separator.join(heads) + "\r\n" + separator.join(cells) + "\r\n"
    (one,) = plans({"resources.csv": text.encode(encoding), "été.pdf": pdf()})

    assert one.problems == []
    assert one.title == "Accueil à l’été"
    assert one.values["kind"] == "tool"
    assert one.values["language"] == "fr"
    assert one.values["topics"] == ["nuit", "relève"]
    assert one.values["publisher"] == "CIUSSS"
    assert one.packed.path == "été.pdf"


def test_names_of_first_nations_and_of_macs():
    table = "file,title,summary\n" + "ʔaq̓am é.pdf,ʔa·kisq̓nuk,Words.\n"
    (one,) = plans({"Box/resources.csv": table, "Box/ʔaq̓am é.pdf": pdf()})

    assert one.problems == []
    assert one.title == "ʔa·kisq̓nuk"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("missing.pdf,Card,Words.,tool,own", "is not in the ZIP"),
        (",,Words.,tool,own", "no title"),
        ("card.pdf,Card,Words.,spoon,own", "We do not know “spoon”"),
        ("card.pdf,Card,Words.,tool,link_only", "can only be a link"),
        (",Card,Words.,tool,own", "Give one of these"),
        (f"card.pdf,{'x' * 161},Words.,tool,own", "the longest we keep has 160"),
    ],
)
def test_mistakes_are_said_in_words(cells, words):
    (one,) = plans({"resources.csv": HEAD + cells + "\n", "card.pdf": pdf()})

    assert words in " ".join(one.problems)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://me:secret@x.example/", "a b"]
)
def test_only_plain_links(url):
    (one,) = plans({"resources.csv": f"url,title\n{url},Page\n"})

    assert one.problems


def test_without_a_column_of_content_the_table_is_refused():
    with pytest.raises(FolderRefused, match="template"):
        read_table(Folder(folder({"resources.csv": "title,summary\nA,B\n"})))


def test_a_table_of_more_than_a_thousand_lines_is_refused():
    table = "url,title\n" + "".join(f"https://x.example/{n},T{n}\n" for n in range(1001))
    with pytest.raises(FolderRefused, match=r"1,000 lines"):
        read_table(Folder(folder({"resources.csv": table})))


@pytest.mark.parametrize(
    "text", ["=1+1", "-a list\n-b", "'=x", "''+1", "plain", "'quoted'", "@me", " =x", "＝x"]
)
def test_guarded_cells_read_back_as_they_were(text):
    assert unguard(guard(text)) == text
    assert not guard(text).lstrip(" ").startswith(("=", "+", "-", "@", "＝"))


def test_titles_of_files():
    assert title_of("a/handover-card_v2.docx") == "Handover card v2"


def test_values_by_their_names_in_french():
    assert read_cell("visibility", "MEMBERS") == "members"
    assert read_cell("topics", "Nights, Handover") == ["nights", "handover"]
    assert str(read_cell("date_of_source", "2026-04-01")) == "2026-04-01"


def test_web_pages_come_in_as_files_to_download():
    one = Folder(folder({"page.html": "<script>alert(1)</script>"}))
    checked = one.checked(one.files[0])

    assert (checked.type, checked.name) == ("html", "page.html")
