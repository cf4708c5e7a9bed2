"""What the Dockerfile does with our files, done here: no Docker engine is needed for that."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import ROOT

STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Only what .dockerignore lets in."""
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        source = ROOT / line[1:]
        if not line.startswith("!") or not source.exists():
            continue
        if source.is_dir():
            skip = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, tmp_path / source.name, ignore=skip)
        else:
            shutil.copy2(source, tmp_path)
    return tmp_path


def test_static_files_can_be_collected_from_what_enters_the_image(image: Path) -> None:
    """A style sheet or script that names a missing file would stop the build."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONTZPATH": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SECRET_KEY": "thrown-away",
        "STATIC_ROOT": str(image / "staticfiles"),
        "STATICFILES_STORAGE": STORAGE,
    }
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]

    done = subprocess.run(command, cwd=image, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-2000:]
    collected = list((image / "staticfiles").rglob("*"))
    assert (image / "staticfiles" / "staticfiles.json").exists()
    assert any(path.name.endswith(".css.gz") for path in collected)
