"""Papers to open: drawn here, so that nobody takes them for real ones."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from cop.core.uploads import CheckedUpload, check_upload

SIZE = (620, 420)
MARGIN = 32


def draw_paper(name: str, *lines: str) -> CheckedUpload:
    """A photo as somebody would send it, checked like any other."""
    picture = Image.new("RGB", SIZE, "#FBFAF6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((12, 12, SIZE[0] - 12, SIZE[1] - 12), outline="#1F5C4D", width=3)
    for number, line in enumerate(("DEMO PAPER, NOT A REAL ONE", "", *lines)):
        pen.text((MARGIN, MARGIN + 30 * number), line, fill="#1C1B19")
    data = BytesIO()
    picture.save(data, "PNG")
    return check_upload(SimpleUploadedFile(name, data.getvalue(), content_type="image/png"))
