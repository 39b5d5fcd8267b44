"""Make the environment in ``.venv`` from a hash-locked file; nothing but the standard library.

Run by the Makefile as ``python3 -I api/bootstrap.py runtime|dev|browser``. The environment is made
again only when what it was made from has changed: the lock, the Python version or the folder. The
stamp that says so is written last, so an interrupted installation is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

with contextlib.suppress(ImportError):  # Windows, where main() ends before it is needed
    import fcntl

__all__ = [
    "LOCKS",
    "NO_WINDOWS",
    "OLDEST_PYTHON",
    "ROOT",
    "STAMP",
    "Trouble",
    "environment_state",
    "find_browser",
    "fingerprint",
    "main",
    "prepare",
    "read_stamp",
]

ROOT = Path(__file__).resolve().parent.parent
STAMP = "petajaga-environment.json"
OLDEST_PYTHON = (3, 11)
"""What ``requires-python`` of pyproject.toml says."""
NO_WINDOWS = "on Windows it runs in WSL: `wsl --install` once, then work in its Ubuntu"
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Trouble(Exception):
    """What stops the set-up; ``str(error)`` is one line for a person."""


def fingerprint(kind: str, root: Path = ROOT) -> str:
    """Hash of all that an environment of this kind ("runtime" or "dev") is made from."""
    digest = hashlib.sha256((root / LOCKS[kind]).read_bytes())
    digest.update(repr((sys.version_info[:3], str(root))).encode())
    return digest.hexdigest()


def read_stamp(environment: Path) -> dict[str, str]:
    """What the environment says it was made from; empty where it says nothing readable."""
    try:
        stamp = json.loads((environment / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def environment_state(environment: Path, root: Path = ROOT) -> str:
    """Compare an environment with the locks: "fresh", "old" or "unmanaged".

    "unmanaged" is one that ``make`` did not create, about which nothing is known.
    """
    stamp = read_stamp(environment)
    if not stamp:
        return "unmanaged"
    with contextlib.suppress(OSError):
        if stamp.get("runtime") == fingerprint("runtime", root):
            return "fresh"
    return "old"


def find_browser() -> str | None:
    """Path of Debian's chromium or a browser like it, or None."""
    browser = os.environ.get("PETAJAGA_CHROMIUM")
    names = (browser,) if browser else BROWSERS
    return next((path for path in map(shutil.which, names) if path), None)


def _say(message: str) -> None:
    sys.stderr.write(f"petajaga: {message}\n")
    sys.stderr.flush()


def _run(*command: str, trouble: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Trouble(trouble)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold other set-ups of this checkout back until this one is done."""
    with (ROOT / "requirements.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _works(python: Path) -> bool:
    question = "import pip, sys; print(*sys.version_info[:3])"
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", question], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return answer.stdout.split() == [str(part) for part in sys.version_info[:3]]


def _remove(environment: Path) -> None:
    if not environment.exists():
        return
    if any(environment.iterdir()) and not (environment / "pyvenv.cfg").exists():
        raise Trouble(f"{environment} is not a Python environment; move it away and run this again")
    shutil.rmtree(environment)


def prepare(kind: str, environment: Path) -> None:
    """Bring ``environment`` to the lock of this kind; return at once if it is there already.

    Raises:
        Trouble: no network, no disk space, no ``venv`` module.
    """
    stamp = read_stamp(environment)
    python = environment / "bin" / "python"
    if stamp.get(kind) == fingerprint(kind) and python.exists():
        return
    started = time.monotonic()
    (environment / STAMP).unlink(missing_ok=True)
    if stamp.get("root") != str(ROOT) or not _works(python):
        _remove(environment)
        _say(f"making {environment.name} with Python {sys.version.split()[0]}")
        _run(
            sys.executable, "-m", "venv", str(environment),
            trouble="python3 -m venv failed; on Debian: apt-get install python3-venv",
        )  # fmt: skip
    lock = ROOT / LOCKS[kind]
    count = sum("==" in line for line in lock.read_text("utf-8").splitlines())
    _say(f"installing {count} packages from {lock.name} (a minute or two the first time)")
    pip = (str(python), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    _run(
        *pip, "--require-hashes", "--requirement", str(lock),
        trouble="the packages could not be installed (see above): check network and disk",
    )  # fmt: skip
    _run(
        *pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT),
        trouble="the project could not be installed into .venv (see above); run: make clean setup",
    )  # fmt: skip
    # The dev lock holds every package of the runtime lock, at the same version.
    stamp = {"root": str(ROOT)} | {k: fingerprint(k) for k in {kind, "runtime"}}
    (environment / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", "utf-8")
    _say(f"environment ready in {time.monotonic() - started:.0f} s")


def prepare_browser() -> None:
    """Install Debian's chromium for the browser tests where that is possible, else say why not."""
    if find_browser():
        return
    refusal = _install_browser()
    if refusal:
        _say(f"{refusal}: the browser tests will skip")


def _install_browser() -> str:
    """Install chromium by apt-get; return why that could not be done, or an empty string."""
    if not shutil.which("apt-get"):
        return "no chromium and no apt-get here"
    as_root: list[str] = []
    if os.geteuid() != 0:
        as_root = ["sudo", "-n"]
        if not shutil.which("sudo") or _quietly(*as_root, "true"):
            return "no chromium and no right to install it (as root: apt-get install chromium)"
    _say("installing Debian's chromium for the browser tests")
    apt = (*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")
    if _quietly(*apt, "update"):
        return "apt-get update failed (see above)"
    packages = ("chromium", "fonts-dejavu-core")
    if _quietly(*apt, "install", "--yes", "--no-install-recommends", *packages):
        return "apt-get install chromium failed (see above)"
    return ""


def _quietly(*command: str) -> int:
    """Run a command, let only its complaints through, and return its exit code."""
    quiet = subprocess.DEVNULL
    return subprocess.run(command, stdin=quiet, stdout=quiet, check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    """Run one step ("runtime", "dev" or "browser"); 0 done, 1 could not, 2 wrong use."""
    steps = sys.argv[1:] if arguments is None else arguments
    if len(steps) != 1 or steps[0] not in {*LOCKS, "browser"}:
        _say("usage: python3 -I api/bootstrap.py runtime|dev|browser")
        return 2
    if sys.platform == "win32":
        _say(NO_WINDOWS)
        return 1
    if sys.version_info[:2] < OLDEST_PYTHON:
        _say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
        return 1
    try:
        if steps[0] == "browser":
            prepare_browser()
        else:
            with _alone():
                prepare(steps[0], ROOT / ".venv")
    except Trouble as trouble:
        _say(str(trouble))
        return 1
    except OSError as error:
        _say(f"{error.strerror or error}: {error.filename or ROOT}; mend that and run again")
        return 1
    except KeyboardInterrupt:
        _say("stopped; run it again to go on")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
