"""The file of a backup: a tar, whole or under a passphrase, that tells at its end what stood in it.

database/000000 …   pg_dump's custom format, cut into parts while it is made, so that no plain copy lies beside it
keys/…              sealing keys and Django's secret
files/…             stored files, by their place in the store
files.sha256        hash, size and place of each
manifest.json       versions, rows of each table, heads of the journal's chains, hashes of all the above
manifest.sha256     the hash of that; last
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.operations.sealing import CannotUnseal, SealedReader, SealedWriter, is_sealed

FORMAT = 1
MANIFEST, SEAL, LISTING = "manifest.json", "manifest.sha256", "files.sha256"
DATABASE, KEYS, FILES = "database/", "keys/", "files/"
PART = 32 << 20
_SMALL = 64 << 20  # a key, a manifest: never more

Tick = Callable[[int], None]


def no_tick(count: int) -> None:
    """For who does not watch."""


class _Hashing:
    """A file that hashes and counts what passes through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.hash, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        return self.file.write(data)

    def read(self, count: int = -1) -> bytes:
        data = self.file.read(count)
        self.hash.update(data)
        self.size += len(data)
        return data


class ArchiveWriter:
    """Puts things into a backup; made by `writing`."""

    def __init__(self, tar: tarfile.TarFile, listing: IO[bytes], tick: Tick) -> None:
        self._tar, self._listing, self._tick = tar, listing, tick
        self._manifest: dict[str, Any] = {"format": FORMAT, "keys": {}}
        self.files = 0

    def add_database(self, dump: IO[bytes]) -> None:
        """Take a dump to its end."""
        source = _Hashing(dump)
        parts = 0
        while piece := _read_full(source, PART):
            self._add(f"{DATABASE}{parts:06d}", piece)
            self._tick(len(piece))
            parts += 1
        self._manifest["database"] = {"parts": parts, "size": source.size, "sha256": source.hash.hexdigest()}

    def add_key(self, name: str, text: str) -> None:
        """One secret of the installation."""
        data = text.encode()
        self._add(KEYS + name, data)
        self._manifest["keys"][name] = hashlib.sha256(data).hexdigest()

    def add_files(self, folder: Path) -> None:
        """Every stored file; half-written ones, which have no ending, are left out."""
        for path in _walk(folder):
            try:
                source = path.open("rb")
            except FileNotFoundError:  # swept away since
                continue
            with source:
                hashing = _Hashing(source)
                entry = tarfile.TarInfo(FILES + path.relative_to(folder).as_posix())
                entry.size = os.fstat(source.fileno()).st_size
                entry.mode = 0o640
                self._tar.addfile(entry, hashing)  # type: ignore[arg-type]
            self._listing.write(f"{hashing.hash.hexdigest()} {hashing.size} {entry.name}\n".encode())
            self.files += 1
            self._tick(hashing.size)

    def finish(self, facts: dict[str, Any]) -> None:
        """Write the listing and, last of all, what the whole is made of."""
        self._listing.seek(0)
        listing = _Hashing(self._listing)
        entry = tarfile.TarInfo(LISTING)
        entry.size = os.fstat(self._listing.fileno()).st_size
        self._tar.addfile(entry, listing)  # type: ignore[arg-type]
        self._manifest["files"] = {"count": self.files, "sha256": listing.hash.hexdigest()}
        manifest = json.dumps(self._manifest | facts, ensure_ascii=False, indent=1).encode()
        self._add(MANIFEST, manifest)
        self._add(SEAL, hashlib.sha256(manifest).hexdigest().encode())

    def _add(self, name: str, data: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o600
        entry.mtime = int(clock.now().timestamp())
        self._tar.addfile(entry, io.BytesIO(data))


@contextmanager
def writing(
    target: Path, passphrase: str, tick: Tick = no_tick
) -> Iterator[tuple[ArchiveWriter, Callable[[], tuple[int, str]]]]:
    """A backup in the making, readable by its owner only, at its place once it is whole. Also gives what tells its size and hash."""
    half = target.with_name(target.name + ".part")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            whole = _Hashing(file)
            with ExitStack() as stack:
                out: Any = stack.enter_context(SealedWriter(whole, passphrase)) if passphrase else whole  # type: ignore[arg-type]
                listing = stack.enter_context(tempfile.TemporaryFile())
                tar = stack.enter_context(
                    tarfile.open(fileobj=out, mode="w|", bufsize=1 << 20, format=tarfile.PAX_FORMAT)  # noqa: SIM115
                )
                yield ArchiveWriter(tar, listing, tick), lambda: (whole.size, whole.hash.hexdigest())
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Archive:
    """A backup to read. Nothing of it is used before `check` has read it to its end."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self.path, self.passphrase = path, passphrase
        try:
            with path.open("rb") as file:
                self.is_sealed = is_sealed(file.read(64))
        except OSError as error:
            raise RuleError("unreadable", f"备份文件 {path} 打不开：请检查路径和权限") from error
        if self.is_sealed and not passphrase:
            raise RuleError("passphrase_needed", "这个备份加了口令：请用 --passphrase-file 给出口令文件")

    def check(self, tick: Tick = no_tick) -> dict[str, Any]:
        """Read all of it, compare every hash, and return the manifest. RuleError damaged or foreign."""
        keys: dict[str, str] = {}
        listing, wanted = hashlib.sha256(), ""
        database, parts, files = hashlib.sha256(), 0, 0
        manifest, seal = b"", b""
        with self._members() as members:
            for name, source in members:
                if seal:
                    raise self._damaged()
                if name.startswith(DATABASE):
                    if name != f"{DATABASE}{parts:06d}":
                        raise self._damaged()
                    parts += 1
                    for piece in _pieces(source):
                        database.update(piece)
                        tick(len(piece))
                elif name.startswith(KEYS):
                    keys[name.removeprefix(KEYS)] = hashlib.sha256(source.read(_SMALL)).hexdigest()
                elif name.startswith(FILES):
                    passing, size = hashlib.sha256(), 0
                    for piece in _pieces(source):
                        passing.update(piece)
                        size += len(piece)
                        tick(len(piece))
                    listing.update(f"{passing.hexdigest()} {size} {name}\n".encode())
                    files += 1
                elif name == LISTING:
                    given = hashlib.sha256()
                    for piece in _pieces(source):
                        given.update(piece)
                    wanted = given.hexdigest()
                elif name == MANIFEST:
                    manifest = source.read(_SMALL)
                elif name == SEAL:
                    seal = source.read(_SMALL)
        if not manifest or hashlib.sha256(manifest).hexdigest().encode() != seal:
            raise self._damaged()
        facts = self._facts(manifest)
        same = (
            wanted == listing.hexdigest() == facts["files"]["sha256"]
            and files == facts["files"]["count"]
            and parts == facts["database"]["parts"]
            and database.hexdigest() == facts["database"]["sha256"]
            and keys == facts["keys"]
        )
        if not same:
            raise self._damaged()
        return facts

    def keys(self) -> dict[str, str]:
        """The secrets by name."""
        with self._members() as members:
            return {
                name.removeprefix(KEYS): source.read(_SMALL).decode()
                for name, source in members
                if name.startswith(KEYS)
            }

    def database(self) -> Iterator[bytes]:
        """The dump, piece by piece."""
        with self._members() as members:
            for name, source in members:
                if not name.startswith(DATABASE):
                    return
                yield from _pieces(source)

    def extract_files(self, folder: Path, tick: Tick = no_tick) -> int:
        """Put the stored files into a folder; returns how many."""
        count = 0
        with self._members() as members:
            for name, source in members:
                if name.startswith(FILES):
                    self._extract(source, folder / name.removeprefix(FILES), folder, tick)
                    count += 1
        return count

    def _extract(self, source: IO[bytes], target: Path, folder: Path, tick: Tick) -> None:
        if ".." in target.parts or not target.is_relative_to(folder):
            raise self._damaged()
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as half:
            for piece in _pieces(source):
                half.write(piece)
                tick(len(piece))
            Path(half.name).chmod(0o640)
        Path(half.name).replace(target)

    @contextmanager
    def _members(self) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
        """What stands in the archive, in order; whatever goes wrong while it is read means that the archive is damaged."""
        try:
            with ExitStack() as stack:
                file: BinaryIO = stack.enter_context(self.path.open("rb"))
                plain: Any = io.BufferedReader(SealedReader(file, self.passphrase), 1 << 20) if self.is_sealed else file
                tar = stack.enter_context(tarfile.open(fileobj=plain, mode="r|", bufsize=1 << 20))
                yield ((entry.name, self._contents(tar, entry)) for entry in tar)
        except CannotUnseal as error:
            raise RuleError("wrong_passphrase", "口令不对，或者备份文件已经损坏") from error
        except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
            raise self._damaged() from error

    def _contents(self, tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
        source = tar.extractfile(entry) if entry.isreg() else None
        if source is None:
            raise self._damaged()
        return source

    def _facts(self, manifest: bytes) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads(manifest)
            known = facts["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error
        if known != FORMAT:
            raise RuleError("newer_format", f"这个备份的格式（{known}）比本程序新：请先更新程序再恢复")
        return facts

    def _damaged(self) -> RuleError:
        return RuleError("damaged", f"备份文件 {self.path.name} 不完整或者已经损坏：请换一份备份")


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(1 << 20):
        yield piece


def _read_full(source: _Hashing, count: int) -> bytes:
    """As many bytes as asked for, fewer only at the end: a pipe gives them in crumbs."""
    crumbs, missing = [], count
    while missing and (crumb := source.read(missing)):
        crumbs.append(crumb)
        missing -= len(crumb)
    return b"".join(crumbs)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.is_file() and not path.is_symlink() and path.suffix:
            yield path
