#!/usr/bin/env python3
"""The project tests itself: the arrows between rooms, purity, doors, banned words, completeness.

Prints one line for each finding, "file:line: what is wrong", and ends with 1 if there is any. With --report it
also prints which files and functions are longer than we aim for; that is for whoever reviews, never a failure.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
INCLUDE = re.compile(r'^#include ([<"])([^">]+)[">]')

# Word → what to use, and the files that may use it all the same.
BANNED = [
    (r"catch \(\.\.\.\)", "catch what the library throws", set()),
    (r"std::(cout|cerr)\b", "base/log.h, or fmt in app/", set()),
    (r"\b(rand|srand)\(", "randomness is an argument", set()),
    (r"system_clock::now\(\)", "Clock (base/time.h)", {"base/time.cc"}),
    (r"\bsleep_for\b|\bsleep_until\b|\busleep\(", "sleep() of base/backoff.h", set()),
    (r"\bstd::views\b", "a loop, or std::ranges algorithms", {"live/messages.cc"}),
    (r"\b(TODO|FIXME|XXX)\b", "do it, or write an issue", set()),
    (r"\bstd::format\b|\bstd::print\b", "fmt", set()),
]
BANNED_IN_HEADERS = [(r"^using namespace", "no using namespace in headers")]
# What gives a clock, randomness, a thread, a lock, a log or I/O.
IMPURE = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "random", "fstream", "iostream",
          "filesystem", "atomic", "stop_token", "base/log.h", "base/mutex.h", "base/metrics.h", "base/backoff.h",
          "base/deadline.h", "cstdio", "unistd.h"}

findings = []


def find(path, line, what):
    findings.append(f"{path.relative_to(ROOT)}:{line}: {what}")


def read_layers():
    rooms, pure, only, doors = {}, set(), {}, []
    for line in (ROOT / "tools/layers.txt").read_text().splitlines():
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        key, _, rest = line.partition(":")
        words = rest.split()
        if key == "pure":
            pure = set(words)
        elif key == "only":
            only[words[0]] = words[1:]
        elif key == "door":
            doors.append((words[0], set(words[1:])))
        else:
            rooms[key] = set(words)
    return rooms, pure, only, doors


def check_arrows(rooms, pure, only, doors):
    seen = set()
    for room, may in rooms.items():  # no cycle: each names only rooms before it
        if not may <= seen:
            findings.append(f"tools/layers.txt: {room} may include {may - seen}, which stand after it")
        seen.add(room)
    for path in sources():
        name = str(path.relative_to(SRC))
        room = name.split("/")[0]
        if room not in rooms:
            find(path, 1, f"room {room} is not in tools/layers.txt")
            continue
        is_test = path.stem.endswith("_test")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match[2]
            target = header.split("/")[0]
            if match[1] == '"' and target != room:
                if target not in rooms[room]:
                    find(path, number, f"{room} may not include {target} (tools/layers.txt)")
                allowed = only.get(room, [])
                if target in {a.split("/")[0] for a in allowed} and header not in allowed and not is_test:
                    find(path, number, f"of {target}, {room} may include {', '.join(allowed)} alone")
            for prefix, files in doors:
                if match[1] == "<" and header.startswith(prefix) and name not in files:
                    find(path, number, f"<{header}> enters through {', '.join(sorted(files))} only")
            if room in pure and not is_test and header in IMPURE:
                find(path, number, f"{room} is pure: no {header}")


def sources():
    return sorted(p for p in SRC.rglob("*") if p.suffix in (".h", ".cc"))


def check_words():
    for path in sources():
        name = str(path.relative_to(SRC))
        text = path.read_text()
        if path.suffix == ".h" and not text.startswith("//"):
            find(path, 1, "a header opens with what it is for")
        if path.suffix == ".h" and "#pragma once" not in text:
            find(path, 1, "no #pragma once")
        for number, line in enumerate(text.splitlines(), 1):
            code = line.split("//", 1)[0] if '"' not in line else line
            for pattern, instead, allowed in BANNED:
                if name not in allowed and re.search(pattern, code):
                    find(path, number, f"{re.search(pattern, code)[0]}: {instead}")
            if path.suffix == ".h":
                for pattern, what in BANNED_IN_HEADERS:
                    if re.search(pattern, code):
                        find(path, number, what)


def check_build():
    """Every source and test is in its room's CMakeLists.txt."""
    for room in sorted(p for p in SRC.iterdir() if p.is_dir()):
        listed = (room / "CMakeLists.txt").read_text()
        for path in sorted(room.glob("*.cc")):
            if not re.search(rf"\b{re.escape(path.name)}\b", listed):
                find(path, 1, "is not in CMakeLists.txt")


def check_tree():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.stat().st_size > 2_000_000:
            find(path, 1, "larger than 2 MB")
    pages = [page for where in ("*.md", "docs/**/*.md", "deploy/**/*.md") for page in sorted(ROOT.glob(where))]
    for link_page in pages:
        for number, line in enumerate(link_page.read_text().splitlines(), 1):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not (link_page.parent / target).exists():
                    find(link_page, number, f"{target} does not exist")
    for path in sources():  # comments that send a reader to a page
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for page in re.findall(r"\bdocs/[\w/.-]+\.md", line):
                if not (ROOT / page).exists():
                    find(path, number, f"{page} does not exist")


def report():
    aims = {".h": 250, ".cc": 400}
    for path in sources():
        lines = len(path.read_text().splitlines())
        aim = 600 if path.stem.endswith("_test") else aims[path.suffix]
        if lines > aim:
            print(f"{path.relative_to(ROOT)}: {lines} lines, aim {aim}")


def main():
    check_arrows(*read_layers())
    check_words()
    check_build()
    check_tree()
    if "--report" in sys.argv:
        report()
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
