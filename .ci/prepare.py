"""Makes a checkout ready to run or to test: virtual environment, locked packages, built frontend.

Plain Python without packages, because it runs before there are any. Each step leaves a stamp with a hash of its inputs
and is skipped while they stay the same. What is missing on the machine is said in one sentence with what to do.
"""

from __future__ import annotations  # an old Python must get as far as the sentence about its age

import argparse
import contextlib
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
POSTGRES = Path("/usr/lib/postgresql")  # where Debian keeps the server's programs, out of PATH
MIN_PYTHON = (3, 11)
MIN_NODE = 20


class Missing(Exception):
    """Something that only the person at the machine can provide; the message says what and how."""


def say(text: str) -> None:
    print(f"prepare| {text}", flush=True)


def digest(*parts: Path | str) -> str:
    """One hash over texts and files (by relative path and content)."""
    total = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        name = str(part.relative_to(ROOT)) if isinstance(part, Path) else ""
        total.update(f"{name}:{len(content)}:".encode() + content)
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def run(command: list[object], what: str, *, cwd: Path = ROOT) -> None:
    """Run a program and time it; `Missing` when it fails, its own lines above say why."""
    started = time.monotonic()
    say(f"{what} ...")
    if subprocess.run([str(part) for part in command], cwd=cwd, check=False).returncode:
        raise Missing(f"{what} failed; the lines above say why.")
    say(f"{what}: {time.monotonic() - started:.0f} s")


def check_port(port: int) -> None:
    """Say that a port is busy now, and not after a minute of installing."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise Missing(
            f"Port {port} cannot be used ({reason}): stop what listens there, or choose another: make run PORT=8001"
        ) from error


def working_uv() -> str | None:
    """The path of uv, when there is one that runs."""
    path = shutil.which("uv")
    works = path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    return path if works else None


def create_venv(uv: str | None) -> None:
    if PYTHON.exists():
        return
    if uv:
        run([uv, "venv", "--quiet", "--python", sys.executable, VENV], "create .venv")
    elif importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", VENV], "create .venv")
    else:
        raise Missing("Python's venv module is missing. Install it: apt-get install python3-venv")


def install(name: str) -> None:
    """Install requirements/NAME.txt. What `dev` holds contains `base` with the same versions."""
    locks = {lock: ROOT / "requirements" / f"{lock}.txt" for lock in (name, "dev")}
    stamps = {lock: VENV / f".installed-{lock}" for lock in locks}
    values = {lock: digest(file, sys.version, str(VENV)) for lock, file in locks.items() if file.is_file()}
    if any(is_stamped(stamps[lock], values[lock]) for lock in values):
        return
    uv = working_uv()
    create_venv(uv)
    pip = (
        [uv, "pip", "install", "--quiet", "--python", PYTHON]
        if uv
        else [PYTHON, "-m", "pip", "install", "--no-compile"]  # compile_packages() uses all cores
    )
    quiet = [] if uv else ["--quiet", "--disable-pip-version-check", "--progress-bar", "off"]
    try:
        run([*pip, *quiet, "--require-hashes", "-r", locks[name]], f"install {locks[name].name}")
    except Missing as error:
        if not (shutil.which("cc") or shutil.which("gcc")):
            raise Missing(
                f"{error} If a package had to be compiled: there is no C compiler. Install one: "
                "apt-get install build-essential python3-dev"
            ) from error
        raise
    compile_packages()
    stamps[name].write_text(values[name])


def compile_packages() -> None:
    """Compile what was installed once, also where Python may not write bytecode: every start is seconds shorter.

    A package may hold files that are not meant for this Python; what cannot be compiled is left as it is.
    """
    site_packages = VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    with contextlib.suppress(Missing):
        run([PYTHON, "-m", "compileall", "-qq", "-j", "0", site_packages], "compile packages")


def check_node() -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    how = f"Install Node.js {MIN_NODE} or newer with npm (apt-get install nodejs npm, where Debian has it)."
    if not node or not npm:
        raise Missing(f"Node.js or npm is missing; the frontend is built with them. {how}")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if not version.startswith("v") or int(version[1:].split(".")[0]) < MIN_NODE:
        raise Missing(f"Node.js {version} is too old to build the frontend. {how}")


def frontend_sources() -> Iterator[Path]:
    skipped = {"node_modules", "dist", "coverage"}
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(name for name in folders if name not in skipped and not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(files))


def install_frontend() -> None:
    """`npm ci`, where the checkout has a frontend."""
    if not (FRONTEND / "package.json").is_file():
        return
    stamp = FRONTEND / "node_modules" / ".installed"
    lock = FRONTEND / "package-lock.json"
    if not lock.is_file():
        raise Missing("frontend/package-lock.json is missing; it belongs to the repository.")
    wanted = digest(lock)
    if not is_stamped(stamp, wanted):
        check_node()
        run(
            ["npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"], "npm ci", cwd=FRONTEND
        )
        stamp.write_text(wanted)


def build_frontend() -> None:
    """`npm run build`, and compressed copies beside the files, which the static server prefers."""
    if not (FRONTEND / "package.json").is_file():
        say("there is no frontend/ yet: the API runs without it")
        return
    stamp = FRONTEND / "dist" / ".built"
    wanted = digest(*frontend_sources())
    if is_stamped(stamp, wanted):
        return
    install_frontend()
    run(["npm", "run", "build", "--silent"], "build the frontend", cwd=FRONTEND)
    run([PYTHON, "-m", "servestatic.compress", "--quiet", FRONTEND / "dist"], "compress the frontend")
    stamp.write_text(wanted)


def check_services() -> None:
    """PostgreSQL's and Redis's programs, which the tests start by themselves: no server has to run."""
    postgres = list(POSTGRES.glob("*/bin/initdb")) or shutil.which("initdb")
    if not postgres or not shutil.which("redis-server"):
        raise Missing("PostgreSQL or Redis is missing. Install them: apt-get install postgresql redis-server")


STEPS = {
    "base": lambda: install("base"),
    "dev": lambda: install("dev"),
    "frontend": build_frontend,
    "node": install_frontend,
    "services": check_services,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="+", choices=sorted(STEPS))
    parser.add_argument("--port", type=int, help="say so at once when this port is busy")
    options = parser.parse_args()
    try:
        if sys.version_info < MIN_PYTHON:
            raise Missing(f"Python {sys.version.split()[0]} is too old: OpenRoute needs 3.11. apt-get install python3")
        if options.port is not None:
            check_port(options.port)
        for step in options.steps:
            STEPS[step]()
    except Missing as error:
        sys.exit(f"prepare| {error}")


if __name__ == "__main__":
    main()
