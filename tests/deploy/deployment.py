"""What the tests of deploy/ share: the files, and the settings and stages that the program knows."""

import functools
import os
import pathlib
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))

from lvp import WAIT, folder, run  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
STAGES = ("collect", "enrich", "bridge", "profile", "serve", "sink")
VARIABLE = re.compile(r"\bLVP__[A-Z0-9_]+")
PORTS = {"collector": 9090, "player": 3000, "private": 8280}


def checked(*arguments, environment=None):
    """What `lvp check` says of a configuration: (exit code, all it prints)."""
    before = dict(os.environ)
    os.environ.update(environment or {})
    try:
        code, out, err = run("check", *arguments)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return code, out + err


@functools.cache
def settings(*arguments):
    """Name → TOML text of the settings that hold."""
    code, out = checked(*arguments)
    assert code == 0, out
    return dict(line.split(" = ", 1) for line in out.splitlines() if " = " in line)


def unknown_variables(text):
    """Names LVP__SECTION__KEY in a file that are no settings."""
    known = {"LVP__" + name.upper().replace(".", "__") for name in settings()}
    return set(VARIABLE.findall(text)) - known - {"LVP__SECTION__KEY"}
