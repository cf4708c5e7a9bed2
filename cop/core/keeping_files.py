"""Files and the rows that name them stay together (reliability 5.7).

A file is written first, under a random key; the row that names it is committed afterwards. A
crash in between leaves a file of no row. The sweep finds it after a day, in every folder that a
FileField of any app writes to, and never touches what a row names.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.apps import apps
from django.core.files.storage import Storage, default_storage
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Cast

from cop.core.storages import INCOMING

log = structlog.get_logger(__name__)
# A file stands there before its row does, for as long as one request or import lasts.
ROW_COMES_WITHIN = timedelta(days=1)
WRITTEN_WITHIN = timedelta(hours=1)
# So many at once, and more than are known, are rather the files of another database.
TOO_MANY = 50
STEM = re.compile(r"[-./]")
Column = tuple[type[models.Model], str]
# Folder -> the stems that live there. What is made out of a file (pictures of its pages) lies in a
# folder of its own as `stem-…` or `stem/…` and goes when its stem does. Apps add theirs on start.
BESIDE: dict[str, Callable[[], set[str]]] = {}


def file_columns() -> list[Column]:
    """Every FileField of every app."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField) and field.model is model
    ]


def folder_of(column: Column) -> str:
    """Where a field keeps its files. Keys are random, so an empty row is enough to ask."""
    model, name = column
    field: Any = model._meta.get_field(name)
    return posixpath.dirname(field.generate_filename(model(), "name"))


def named_files(columns: Collection[Column] | None = None) -> set[str]:
    """What rows name now. One statement, so that a file which moves from one table to another
    (a resource becomes an earlier version) is seen in one of the two."""
    return {name for _label, _pk, name in _all_names(columns or file_columns())}


def sweep(*, now: datetime, folders: Collection[str] | None = None) -> int:
    """Delete the files that no row names any more, or never did. Safe to repeat, and to run twice.

    Returns how many."""
    columns = file_columns()
    known_folders = {folder_of(column) for column in columns} - {""}
    removed = _remove_old(INCOMING, now=now, age=WRITTEN_WITHIN) if folders is None else 0
    for folder in sorted(known_folders if folders is None else known_folders & set(folders)):
        removed += _sweep_folder(folder, columns, now)
    for folder in BESIDE if folders is None else ():
        removed += _sweep_beside(folder, now)
    if removed:
        log.warning("orphan_files_removed", count=removed)
    return removed


def keys_in(folder: str) -> set[str]:
    """The random keys of the files of this folder that rows name."""
    heads = (name.rpartition("/") for name in named_files())
    return {key for head, _slash, key in heads if head == folder}


def forget_file(name: str, *, storage: Storage = default_storage) -> None:
    """Delete a file once the change that lets go of it is committed; the sweep does it where we
    die in between. A change that is rolled back loses nothing."""
    if name:
        transaction.on_commit(partial(_delete_unnamed, name, storage), robust=True)


def missing_files() -> list[tuple[str, str]]:
    """Rows that name a file which is not there: (model and field, key). After a restored database,
    or a disk that lost something."""
    there: dict[str, set[str]] = {}
    found = []
    for label, pk, name in _all_names(file_columns()):
        folder, base = posixpath.split(name)
        if folder not in there:
            there[folder] = set(_names_in(folder))
        # Listed before the row was read, it may have come since: ask again, for that one.
        if base not in there[folder] and not default_storage.exists(name):
            found.append((label, pk))
    return found


def _all_names(columns: Collection[Column], only: str = "") -> Iterator[tuple[str, str, str]]:
    queries = [
        model._base_manager.filter(**({name: only} if only else {f"{name}__gt": ""}))
        .order_by()
        .annotate(
            kept_in=Value(f"{model._meta.label}.{name}"),
            kept_by=Cast("pk", models.TextField()),
            kept_as=Cast(F(name), models.TextField()),
        )
        .values_list("kept_in", "kept_by", "kept_as")
        for model, name in columns
    ]
    if queries:
        yield from queries[0].union(*queries[1:], all=True).iterator()


def _sweep_folder(folder: str, columns: list[Column], now: datetime) -> int:
    # Files first: whose row comes in between is not taken for an orphan.
    paths = [f"{folder}/{name}" for name in _names_in(folder)]
    known = named_files(columns)
    here = sum(name.startswith(f"{folder}/") for name in known)
    orphans = [
        path for path in paths if path not in known and _is_older(path, now, ROW_COMES_WITHIN)
    ]
    if len(orphans) > max(TOO_MANY, here):
        log.error("orphan_files_left", folder=folder, count=len(orphans))
        return 0
    for path in orphans:
        default_storage.delete(path)
    return len(orphans)


def _sweep_beside(folder: str, now: datetime) -> int:
    paths = [f"{folder}/{name}" for name in _names_in(folder)]
    for inner in _folders_in(folder):
        paths += [f"{folder}/{inner}/{name}" for name in _names_in(f"{folder}/{inner}")]
    living = BESIDE[folder]()
    left = [path for path in paths if STEM.split(path.removeprefix(f"{folder}/"))[0] not in living]
    left = [path for path in left if _is_older(path, now, ROW_COMES_WITHIN)]
    for path in left:
        default_storage.delete(path)
    return len(left)


def _remove_old(folder: str, *, now: datetime, age: timedelta) -> int:
    paths = [f"{folder}/{name}" for name in _names_in(folder)]
    old = [path for path in paths if _is_older(path, now, age)]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _names_in(folder: str) -> list[str]:
    return _listed(folder)[1]


def _folders_in(folder: str) -> list[str]:
    return _listed(folder)[0]


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Not every storage knows folders: a bucket without such keys has none, and says nothing."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return list(folders), list(names)


def _is_older(path: str, now: datetime, age: timedelta) -> bool:
    try:
        return bool(default_storage.get_modified_time(path) < now - age)
    except FileNotFoundError:
        return False


def _delete_unnamed(name: str, storage: Storage) -> None:
    # A version, or a copy, may share the file with the row that let go of it.
    if not any(_all_names(file_columns(), only=name)):
        storage.delete(name)
