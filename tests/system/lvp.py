"""The program as a user runs it: started on free ports, in a folder of its own, and spoken to over HTTP."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

PROGRAM = os.environ["LVP"]  # path of the program under test
DATA = os.path.join(os.path.dirname(__file__), "..", "data")
TP2 = "/com.snowplowanalytics.snowplow/tp2"
PATIENCE = int(os.environ.get("LVP_PATIENCE", 1))  # sanitizers take time: cmake/lvp_toolchain.cmake
WAIT = 20 * PATIENCE  # seconds that anything may take


def run(*arguments, text=None):
    """Runs a command to its end: (exit code, standard output, standard error)."""
    done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=WAIT)
    return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def folder(parent=None):
    made = tempfile.mkdtemp(prefix="lvp_system_", dir=parent)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


class Lvp:
    """A running `lvp up`, or another command that goes on until it is stopped."""

    def __init__(self, data, command="up", environment=None, arguments=(), **settings):
        arguments = [PROGRAM, command, "--data", data, *arguments]
        ports = {"collector__port": 0, "player__port": 0, "private__port": 0, "collector__address": "127.0.0.1",
                 "player__address": "127.0.0.1", "log__level": "warn"}
        for name, value in {**ports, **settings}.items():
            arguments += ["--set", f"{name.replace('__', '.')}={value}"]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"lvp {command} ended with {self.process.wait()}")
        ready = json.loads(line)
        assert ready["ready"] is True
        self.collector, self.player, self.private = ready["collector"], ready["player"], ready["private"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def stop(self, wait=WAIT):
        """A clean stop; its exit code must be 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=wait)
        self.process.stdout.close()
        assert code == 0, code

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=WAIT)
        self.process.stdout.close()

    def get(self, path, headers=None):
        return request(self.private, "GET", path, headers=headers)

    def post(self, body, headers=None):
        return request(self.collector, "POST", TP2, body, {"Content-Type": "application/json", **(headers or {})})

    def records(self, stream):
        """All records of a stream, as `lvp tail` prints them."""
        code, out, err = run("tail", stream, "--url", self.private, "--from-start", "--no-follow")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def request(url, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=WAIT)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def until(condition, what, limit_s=WAIT):
    """The first true value of condition(), asked again and again."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


def media_event(event_id, device, kind, created_ms, position=0.0, paused=False, play="play-1", ping_s=5):
    """A media event as the browser tracker sends it: one element of a payload's data."""
    contexts = [
        {"schema": "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
         "data": {"currentTime": position, "paused": paused, "ended": False, "label": "Test", "duration": 600}},
        {"schema": "iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
         "data": {"mediaSessionId": play, "pingInterval": ping_s}},
    ]
    return {
        "e": "ue", "p": "web", "tv": "js-4.6.6", "eid": event_id, "duid": device,
        "dtm": str(created_ms), "stm": str(created_ms + 5),
        "ue_pr": json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
                             "data": {"schema": f"iglu:com.snowplowanalytics.snowplow.media/{kind}/jsonschema/1-0-0",
                                      "data": {}}}),
        "co": json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
                          "data": contexts}),
    }


def payload(*events):
    return json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
                       "data": list(events)})
