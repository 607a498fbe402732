"""Our enriched events, read by Snowplow's public Analytics SDKs: each makes of a line what our own JSON form of it says.

tests/sdk/generate_events.cc makes the events. The folders go and python are small programs around one SDK each; they
are copied to LVP_SDK (build/PRESET/sdk) and installed there with everything they download, so that the next run
downloads nothing.

What is known to differ, and why that is no fault:

- Go: numbers inside of data become 64-bit floating point; ours are as they were spelled.
- Python: timestamps keep the zeros at the end of their fraction; column 122 and all else is as in Go.
- Python: in keys a capital after a capital has no '_' before it, so "HTMLElement" is "htmlelement". Both SDKs are
  right by their own rule; Snowbridge uses Go's, and so do we.
"""

import decimal
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SOURCES = pathlib.Path(__file__).resolve().parent
BUILT = pathlib.Path(os.environ["LVP_SDK"]).resolve()
GENERATE = os.environ["LVP_GENERATE_EVENTS"]
EVENTS = 12_000
SEED = 4711
INSTALL_MAX_S = 200
RUN_MAX_S = 60 * int(os.environ.get("LVP_PATIENCE", 1))

# Everything that is downloaded stays in BUILT.
ENVIRONMENT = {**os.environ, "PIP_CACHE_DIR": f"{BUILT}/cache/pip", "GOPATH": f"{BUILT}/cache/go",
               "GOCACHE": f"{BUILT}/cache/go-build", "GOFLAGS": "-modcacherw", "GOROOT": ""}

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
BY_SCHEMA = ("contexts_", "unstruct_event_")


def execute(command, where, limit_s, given=None):
    """What a command prints; fails with what it said."""
    if shutil.which(command[0]) is None and not (where / command[0]).exists():
        raise AssertionError(f"{command[0]} is missing: tools/install --test installs it")
    done = subprocess.run(command, cwd=where, env=ENVIRONMENT, input=given, capture_output=True, timeout=limit_s,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    return done.stdout


def install(name, commands):
    """The folder of an SDK's program, installed unless it is already, from the very same files."""
    source, built = SOURCES / name, BUILT / name
    files = sorted(path for path in source.iterdir() if path.is_file())
    if all((built / path.name).is_file() and (built / path.name).read_bytes() == path.read_bytes() for path in files) \
            and (built / "installed").exists():
        return built
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir(parents=True)
    for path in files:
        shutil.copy(path, built)
    for command in commands:
        execute(command, built, INSTALL_MAX_S)
    (built / "installed").touch()
    return built


def lines(output):
    """U+2028 and U+0085 end no line."""
    return output.decode().split("\n")[:-1]


def unique(members):
    """An object whose members have different names."""
    result = dict(members)
    if len(result) != len(members):
        raise AssertionError(f"a name is there twice: {[name for name, _ in members]}")
    return result


def read(text):
    """JSON with its numbers exact."""
    return json.loads(text, parse_float=decimal.Decimal, object_pairs_hook=unique)


def as_floats(value):
    """The same with numbers as a reader of 64-bit floating point has them."""
    if isinstance(value, dict):
        return {name: as_floats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_floats(inner) for inner in value]
    if isinstance(value, (int, decimal.Decimal)) and not isinstance(value, bool):
        return float(value)
    return value


def as_python_reads(value):
    """The same as Python reads it: whole numbers exact."""
    if isinstance(value, dict):
        return {name: as_python_reads(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_python_reads(inner) for inner in value]
    return float(value) if isinstance(value, decimal.Decimal) else value


def without_naming(event):
    """Keys made of schemas without the '_' on whose places the SDKs differ."""
    renamed = [(key.replace("_", "") if key.startswith(BY_SCHEMA) else key, value) for key, value in event.items()]
    return unique(renamed)


def without_zeros(event):
    """Timestamps of columns without the zeros at the end of their fraction."""
    return {key: re.sub(r"\.?0*Z$", "Z", value)
            if key.endswith("_tstamp") and TIMESTAMP.fullmatch(value) else value for key, value in event.items()}


class Sdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        printed = lines(execute([GENERATE, str(EVENTS), str(SEED)], pathlib.Path.cwd(), RUN_MAX_S))
        cls.tsv, cls.ours = printed[0::2], printed[1::2]
        assert len(cls.tsv) == len(cls.ours) == EVENTS

    def transformed(self, command, where):
        output = lines(execute(command, where, RUN_MAX_S, "".join(line + "\n" for line in self.tsv).encode()))
        self.assertEqual(len(output), EVENTS)
        return output

    def compare(self, theirs, of_ours, of_theirs):
        for line, mine, other in zip(self.tsv, self.ours, theirs):
            self.assertTrue(other.startswith("{"), f"refused: {other}\n{line}")
            expected, got = of_theirs(read(other)), of_ours(read(mine))
            if expected != got:
                keys = sorted(key for key in {*expected, *got} if expected.get(key) != got.get(key))
                self.fail("\n".join([f"seed {SEED}", line, *(f"{key}: theirs {expected.get(key)!r}, "
                                                             f"ours {got.get(key)!r}" for key in keys)]))

    def test_go(self):
        # Debian's Go comes with its standard library compiled, which saves most of a minute.
        where = install("go", [["/usr/bin/go", "build", "-o", "transform", "."]])
        self.compare(self.transformed(["./transform"], where), as_floats, as_floats)

    def test_python(self):
        where = install("python", [[sys.executable, "-m", "venv", "venv"],
                                   ["venv/bin/pip", "install", "-q", "-r", "requirements.txt"]])
        self.compare(self.transformed(["venv/bin/python", "transform.py"], where),
                     lambda event: without_naming(as_python_reads(event)),
                     lambda event: without_zeros(without_naming(as_python_reads(event))))

    def test_events_are_of_all_kinds(self):
        columns = [set() for _ in range(131)]
        for line in self.tsv:
            for values, value in zip(columns, line.split("\t"), strict=True):
                values.add(value)
        self.assertEqual([place for place, values in enumerate(columns) if len(values) < 2], [])
        self.assertLessEqual({"page_view", "page_ping", "struct", "unstruct", "transaction", "transaction_item"},
                             columns[5])


if __name__ == "__main__":
    unittest.main()
