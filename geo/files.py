"""Writing so that a reader sees the whole of a file or nothing of it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from geo.errors import EnvironmentProblem, os_reason
from geo.i18n.message import Message

__all__ = [
    "create_once", "disk_reason", "exposed_files", "fsync", "network_share", "owner_only",
    "private_folder", "replacing", "seal", "sweep_temporary", "temporary_path",
    "translate_os_errors", "write_bytes", "write_probe",
]  # fmt: skip


@contextlib.contextmanager
def translate_os_errors(target: Path, code: str = "disk.unwritable") -> Iterator[None]:
    """Turn a failed system call into :class:`EnvironmentProblem`, with ``target`` and reason."""
    try:
        yield
    except OSError as error:
        # some libraries raise one without a number
        reason = os_reason(error) if error.errno else disk_reason(error, target)
        raise EnvironmentProblem(code, target=target, reason=reason or os_reason(error)) from error


def disk_reason(error: Exception, target: Path) -> Message | None:
    """Why a library could not write to ``target``, by its words or by trying the disk; else None.

    Examples
    --------
    >>> str(disk_reason(RuntimeError("database or disk is full"), Path("/tmp")))
    'the disk is full; free some space'
    """
    if any(words in str(error) for words in ("disk is full", "No space left")):
        return os_reason(OSError(errno.ENOSPC, ""))
    try:
        write_probe(next(path for path in (target, *target.parents) if path.is_dir()))
    except OSError as failed:
        return os_reason(failed)
    return None


def write_probe(folder: Path) -> None:
    """Write a temporary file in ``folder``; :class:`OSError` if that cannot be done."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(_PROBE_BYTES))
        probe.flush()
        os.fsync(probe.fileno())


_PROBE_BYTES = 1 << 16


def fsync(path: Path) -> None:
    """Put the content of a file, or the entries of a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def replacing(path: Path, code: str = "disk.unwritable") -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes its place, else it is removed.

    The temporary name keeps the extension, because GDAL chooses the format by it.

    Raises
    ------
    EnvironmentProblem
        With this code, if the folder cannot be written.
    """
    temporary = temporary_path(path)
    with translate_os_errors(path, code):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            fsync(temporary)
            temporary.replace(path)
            fsync(path.parent)
        finally:
            for left in path.parent.glob(f"{temporary.name}*"):
                left.unlink(missing_ok=True)


def temporary_path(path: Path) -> Path:
    """A hidden name beside ``path``, of its extension, that says which process it is of.

    Examples
    --------
    >>> temporary_path(Path("release/current")).name.startswith(f".current.{os.getpid()}-")
    True
    """
    name = f".{path.stem}.{os.getpid()}-{secrets.token_hex(6)}{path.suffix}"
    return path.with_name(name)


def sweep_temporary(folder: Path) -> None:
    """Remove the temporary files and folders that killed processes left in ``folder``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     left = Path(folder) / ".current.999999999-0123456789ab"
    ...     left.touch()
    ...     sweep_temporary(Path(folder))
    ...     left.exists()
    False
    """
    for path in folder.glob(".*"):
        owner = _TEMPORARY.fullmatch(path.name)
        if owner is None or _is_alive(int(owner[1])):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


_TEMPORARY = re.compile(r"\..+\.(\d+)-[0-9a-f]{12}(?:\.\w+)?(?:-\w+)?")
"""Names of :func:`temporary_path`, and what SQLite puts beside them (``-journal``)."""


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError, OverflowError):
        try:
            os.kill(pid, 0)
        except PermissionError:
            return True
        return True
    return False


def private_folder(path: Path) -> Path:
    """Make a folder, and what is missing above it, for its owner alone (0700); return it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     oct(private_folder(Path(folder) / "imports" / "counts").parent.stat().st_mode)
    '0o40700'
    """
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    return path


@contextlib.contextmanager
def owner_only() -> Iterator[None]:
    """New files of this process are for their owner alone, whichever library makes them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, owner_only():
    ...     (Path(folder) / "police.gpkg").touch()
    ...     exposed_files(Path(folder))
    []
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def seal(folder: Path) -> None:
    """Put a folder and all in it on the disk, for its owner alone (0700 and 0600).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "police.gpkg").write_bytes(b"")
    ...     seal(Path(folder))
    ...     exposed_files(Path(folder))
    []
    """
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        fsync(path)


def exposed_files(folder: Path) -> list[Path]:
    """The folder and what is in it, as far as other users have any right to it.

    Examples
    --------
    >>> exposed_files(Path("/no/such/home"))
    []
    """
    if not folder.exists():
        return []
    exposed = []
    for path in [folder, *sorted(folder.rglob("*"))]:
        with contextlib.suppress(FileNotFoundError):  # a temporary file that has gone meanwhile
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & 0o077:
                exposed.append(path)
    return exposed


_SHARES = re.compile(
    r"9p|afs|beegfs|ceph|cifs|davfs|glusterfs|lustre|ncpfs|nfs\d?|prl_fs|smb\d?|smbfs|vboxsf"
    r"|fuse\.(davfs2?|gcsfuse|glusterfs|rclone|s3fs|sshfs|vmhgfs-fuse)"
)
"""Types of file systems whose locks other machines or systems may not keep."""


def network_share(path: Path, *, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """Type of the network share that ``path`` lies on; None on a disk, or where it is not known.

    Examples
    --------
    >>> network_share(Path("/proc"))
    """
    status = path.stat()
    device = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    with contextlib.suppress(FileNotFoundError):  # no Linux
        for line in mounts.read_text("utf-8", "replace").splitlines():
            before, _, after = line.partition(" - ")  # proc_pid_mountinfo(5)
            if before.split()[2] == device and _SHARES.fullmatch(kind := after.split()[0]):
                return kind
    return None


def write_bytes(
    path: Path, content: bytes, code: str = "disk.unwritable", *, private: bool = False
) -> None:
    """Write a file atomically, ``private`` for its owner alone; errors as of :func:`replacing`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder) / "areas.csv", b"code,name")
    ...     (Path(folder) / "areas.csv").read_bytes()
    b'code,name'
    """
    with replacing(path, code) as temporary:
        temporary.touch(mode=0o600 if private else 0o666)
        temporary.write_bytes(content)


def create_once(path: Path, content: bytes) -> bool:
    """Write a file for its owner alone (0600), unless it is there; say whether it was written.

    It is never half there, and of two processes one writes it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     key = Path(folder) / "key"
    ...     create_once(key, b"1"), create_once(key, b"2"), key.read_bytes()
    (True, False, b'1')
    """
    private_folder(path.parent)
    temporary = temporary_path(path)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        return True
    finally:
        temporary.unlink(missing_ok=True)
