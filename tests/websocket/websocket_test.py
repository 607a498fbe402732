"""The server of src/net against the cases of the Autobahn suite, the usual measure of a WebSocket.

kosoku runs them: the suite's own files, on a Python of today; the original wants Python 2. It is installed into
LVP_WEBSOCKET_SUITE (build/PRESET/websocket_suite), so that the next run downloads nothing. echo.cc is the server.

Left out are compression (12, 13), which is never agreed to, and of the limits (9) what is larger than the 64 KiB that
the server takes of a message, or binary. Binary messages are refused with 1003 (RFC 6455 §7.4.1), and the cases of 1.2
must end so.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCES = pathlib.Path(__file__).resolve().parent
SUITE = pathlib.Path(os.environ["LVP_WEBSOCKET_SUITE"]).resolve()
ECHO = os.environ["LVP_WEBSOCKET_ECHO"]
CASES = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.1.1", "9.7.*", "10.*")
CASES_AT_LEAST = 254
BINARY = "1.2."
UNSUPPORTED = 1003
INSTALL_MAX_S = 120
RUN_MAX_S = 120 * int(os.environ.get("LVP_PATIENCE", 1))

# NON-STRICT: right, but not by the order or as early as the suite likes best. INFORMATIONAL: the RFC leaves it open.
PASSED = ("OK", "NON-STRICT", "INFORMATIONAL")
CLOSED = ("OK", "INFORMATIONAL")


def install():
    """The suite's program, installed unless it is already, from the very same list."""
    wanted = (SOURCES / "requirements.txt").read_bytes()
    mark = SUITE / "installed"
    if not mark.exists() or mark.read_bytes() != wanted:
        shutil.rmtree(SUITE, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", SUITE], check=True, timeout=INSTALL_MAX_S)
        subprocess.run([SUITE / "bin/pip", "install", "-q", "-r", SOURCES / "requirements.txt"], check=True,
                       timeout=INSTALL_MAX_S)
        mark.write_bytes(wanted)
    return SUITE / "bin/kosoku"


def results(port, folder):
    """What became of each case, by its number."""
    command = [install(), "--parallelism", "8", "--outdir", folder]
    for case in CASES:
        command += ["--include", case]
    # Ends with 1 for the cases of BINARY; that the report is whole is checked below.
    done = subprocess.run([*command, f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=RUN_MAX_S, check=False)
    report = pathlib.Path(folder) / "index.json"
    assert report.exists(), f"no report: {done.stderr}"
    [cases] = json.loads(report.read_text()).values()
    return cases


class WebSocket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder, \
                subprocess.Popen([ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as echo:
            try:
                cls.cases = results(int(echo.stdout.readline()), folder)
            finally:
                echo.stdin.close()
        cls.status = echo.returncode

    def test_all_cases_ran(self):
        self.assertGreaterEqual(len(self.cases), CASES_AT_LEAST)

    def test_texts(self):
        wrong = {number: case for number, case in self.cases.items() if not number.startswith(BINARY) and
                 not (case["behavior"] in PASSED and case["behaviorClose"] in CLOSED)}
        self.assertEqual(wrong, {})

    def test_binary_messages_are_refused(self):
        codes = {number: case["remoteCloseCode"] for number, case in self.cases.items() if number.startswith(BINARY)}
        self.assertEqual(codes, {f"{BINARY}{number}": UNSUPPORTED for number in range(1, 9)})

    def test_the_server_survives(self):
        self.assertEqual(self.status, 0)


if __name__ == "__main__":
    unittest.main()
