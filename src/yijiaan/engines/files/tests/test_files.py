"""Attachments: who may open them is asked of the owner; bytes are written whole or not at all."""

import errno
import hashlib
import io
import os
from uuid import uuid4

import pytest
from PIL import Image

from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.files import providers, store
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.files.images import read_picture
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import get_file, list_files_of

WHO = system("tests")
COUNTY = "370812"


def picture(kind="JPEG", size=(64, 48), mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size, 1).save(out, kind, **more)
    return out.getvalue()


def keep(raw=None, subject=None, county=COUNTY):
    kept, _ = store_image(
        actor=WHO,
        county=county,
        subject_type="tests.thing",
        subject_id=subject or uuid4(),
        purpose="before",
        raw=raw or picture(),
    )
    return kept


@pytest.fixture
def answers(monkeypatch):
    kept = {}
    monkeypatch.setattr(providers, "_answers", kept)
    return kept


def test_a_type_without_an_answer_opens_to_nobody(db, answers):
    file = keep()
    with pytest.raises(NotFound):
        get_file(WHO, county=COUNTY, file_id=file.id)


def test_the_owner_is_asked_with_county_and_subject(db, answers):
    asked = []
    friend = Actor(kind=ActorKind.STAFF, identity="friend")

    def may_open(actor, *, county, subject_id):
        asked.append((county, subject_id))
        return actor == friend

    providers.register("tests.thing", may_open)
    file = keep()
    assert get_file(friend, county=COUNTY, file_id=file.id) == file
    for actor, county, file_id in ((WHO, COUNTY, file.id), (friend, "370811", file.id), (friend, COUNTY, uuid4())):
        with pytest.raises(NotFound):
            get_file(actor, county=county, file_id=file_id)
    assert asked == [(COUNTY, file.subject_id)] * 2


def test_the_same_bytes_are_stored_once_and_belong_to_each_subject(db):
    raw = picture()
    first, second, third = keep(raw), keep(raw), keep(raw, county="370811")
    assert len({first.id, second.id, third.id}) == 3
    assert {first.sha256, second.sha256, third.sha256} == {first.sha256}
    assert hashlib.sha256(store.path_of(first.sha256).read_bytes()).hexdigest() == first.sha256
    assert list(list_files_of(WHO, county=COUNTY, subject_ids=[first.subject_id])) == [first]


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("WEBP", "RGB")]
)
def test_every_sort_of_picture_becomes_a_plain_jpeg(kind, mode):
    read = read_picture(picture(kind, mode=mode))
    for data in (read.data, read.thumb):
        with Image.open(io.BytesIO(data)) as made:
            assert (made.format, made.mode) == ("JPEG", "RGB")
    assert (read.width, read.height) == (64, 48)


def test_a_full_disk_is_told_and_nothing_stays(db, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    raw = picture(size=(33, 44))
    with unchanged(StoredFile), pytest.raises(RuleError) as refused:
        keep(raw)
    assert (refused.value.code, refused.value.field) == ("disk_full", "photo")
    digest = hashlib.sha256(read_picture(raw).data).hexdigest()
    assert not store.path_of(digest).exists()
    assert list(store.path_of(digest).parent.iterdir()) == []


def test_files_are_not_for_everybody_on_the_machine(db):
    assert store.path_of(keep().sha256).stat().st_mode & 0o007 == 0
