"""tools/services itself: each service answers its protocol, and nothing of it is left afterwards."""

import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.request

TOOL = str(pathlib.Path(__file__).resolve().parents[2] / "tools/services")
WAIT = 120


def run(*arguments):
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=WAIT)


def inside(services, program):
    """Runs `program`, Python with this module's functions, beside the services; its output."""
    code = f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})\n" \
           f"from services_test import *\nimport os, json\n{program}"
    done = run("run", *services, "--", sys.executable, "-B", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def aws(service, target, body, json_version):
    request = urllib.request.Request(
        os.environ[f"AWS_ENDPOINT_URL_{service}"], body.encode(),
        {"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{json_version}",
         "X-Amz-Date": "20200101T000000Z", "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/a"
         "/aws4_request, SignedHeaders=host, Signature=0"})
    with urllib.request.urlopen(request, timeout=WAIT) as answer:
        return answer.read().decode()


def kafka(address, body):
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=WAIT) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        size = struct.unpack(">i", connection.recv(4, socket.MSG_WAITALL))[0]
        return connection.recv(size, socket.MSG_WAITALL)


def api_versions(address):
    """ApiVersions, version 0: (error, number of kinds of requests it takes)."""
    return struct.unpack_from(">hi", kafka(address, struct.pack(">hhih1s", 18, 0, 7, 1, b"t")), 4)


def listens(address):
    host, port = address.rsplit(":", 1)
    with socket.socket() as probe:
        # A port that nobody listens on may be given to the probe itself, which then meets itself.
        return probe.connect_ex((host, int(port))) == 0 and probe.getsockname() != probe.getpeername()


def gone(control):
    mark = f"LVP_SERVICES_CONTROL={control}".encode()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                return False
        except OSError:
            pass
    return not os.path.exists(os.path.dirname(control))


def until(condition, what):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.05)


class Services(unittest.TestCase):
    def test_tables_and_streams_of_aws(self):
        out = inside(["dynamodb", "kinesis"], """
print(aws("DYNAMODB", "DynamoDB_20120810.ListTables", "{}", "1.0"))
print(aws("KINESIS", "Kinesis_20131202.ListStreams", "{}", "1.1"))
print(os.environ["LVP_SERVICES_CONTROL"])
""").splitlines()
        self.assertEqual(json.loads(out[0]), {"TableNames": []})
        self.assertEqual(json.loads(out[1]), {"StreamNames": [], "HasMoreStreams": False})
        self.assertTrue(gone(out[2]))

    def test_a_database_that_is_stopped_and_started_keeps_its_rows(self):
        out = inside(["postgres"], """
def sql(text):
    done = subprocess.run(["psql", "-qAt", os.environ["LVP_POSTGRES_URL"], "-c", text], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "refused"
sql("create table t (n int)"); sql("insert into t values (41)")
subprocess.run([TOOL, "stop", "postgres"], check=True)
print(sql("select n from t"))
subprocess.run([TOOL, "start", "postgres"], check=True)
print(sql("select n + 1 from t"))
wrong = os.environ["LVP_POSTGRES_URL"].replace("secret", "guess")
print(subprocess.run(["psql", wrong, "-c", "select 1"], capture_output=True).returncode)
print(os.environ["LVP_SERVICES_CONTROL"])
""").splitlines()
        self.assertEqual(out[:3], ["refused", "42", "2"])
        self.assertTrue(gone(out[3]))

    def test_three_brokers_of_which_one_is_killed_and_comes_back(self):
        out = inside(["--brokers", "3", "--sasl", "kafka"], """
brokers = os.environ["LVP_KAFKA_BROKERS"].split(",")
print(len(brokers), len(set(brokers)), all(api_versions(b)[0] == 0 and api_versions(b)[1] > 20 for b in brokers))
print(all(api_versions(b)[0] == 0 for b in os.environ["LVP_KAFKA_SASL_BROKERS"].split(",")))
subprocess.run([TOOL, "kill", "kafka-2"], check=True)
print([listens(b) for b in brokers])
subprocess.run([TOOL, "start", "kafka-2"], check=True)
print([listens(b) for b in brokers])
print(os.environ["LVP_SERVICES_CONTROL"])
""").splitlines()
        self.assertEqual(out[:4], ["3 3 True", "True", "[True, False, True]", "[True, True, True]"])
        self.assertTrue(gone(out[4]))

    def test_the_status_is_the_commands(self):
        self.assertEqual(run("run", "dynamodb", "--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(run("run", "dynamodb", "--", "sh", "-c", "kill -9 $$").returncode, 137)

    def test_all_is_gone_when_it_is_stopped_or_killed(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number.name), subprocess.Popen(
                    [TOOL, "run", "dynamodb", "postgres", "--", "sh", "-c", 'echo "$LVP_SERVICES_CONTROL"; exec sleep 600'],
                    stdout=subprocess.PIPE, text=True) as process:
                control = process.stdout.readline().strip()
                self.assertTrue(os.path.exists(f"{control}/postgres.pid"))
                process.send_signal(number)
                code = process.wait(timeout=WAIT)
                self.assertEqual(code, 143 if number == signal.SIGTERM else -signal.SIGKILL)
                until(lambda: gone(control), "all is gone")

    def test_mistakes_are_told(self):
        for arguments, said in [(["run", "mysql", "--", "true"], "there is no service mysql"),
                                (["run", "kafka"], 'needs "--" and a command'),
                                (["run", "--brokers", "x", "kafka", "--", "true"], "--brokers needs a number"),
                                (["kill", "kafka-1"], "only within the command"),
                                (["run", "dynamodb", "--", TOOL, "kill", "kafka-1"], "there is no kafka-1; dynamodb run"),
                                (["run", "dynamodb", "--", "/no/such"], "cannot run /no/such")]:
            with self.subTest(" ".join(arguments)):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
