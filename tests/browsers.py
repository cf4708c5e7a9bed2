"""Where Chromium is, and how the tests start it."""

import functools
import glob
import os
import shutil
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DOWNLOADS = (
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)
PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = [
    "--no-sandbox",  # root may not have one; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@functools.cache
def find_chromium() -> str | None:
    told = os.environ.get("CHROMIUM")
    if told:
        return shutil.which(told)
    on_path = next((found for found in map(shutil.which, NAMES) if found), None)
    if on_path:
        return on_path
    own = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    patterns = [*DOWNLOADS, *([f"{own}/chromium-*/chrome-*/chrome"] if own else [])]
    downloaded = [name for one in patterns for name in glob.glob(os.path.expanduser(one))]
    found = [name for name in (*sorted(downloaded, reverse=True), *PROGRAMS) if Path(name).exists()]
    return found[0] if found else None


def launch_arguments() -> dict[str, Any]:
    """For `browser_type.launch(**launch_arguments())` of Playwright."""
    return {"executable_path": find_chromium(), "args": ARGUMENTS, "headless": True}
