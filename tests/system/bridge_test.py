"""Snowbridge configurations: by themselves, as the pipeline's bridge, and beside it."""

import http.server
import json
import os
import re
import threading
import time
import unittest
import uuid

from lvp import DATA, Lvp, folder, media_event, payload, run, until

SAMPLE = os.path.join(DATA, "bugs_bunny.tsv")
CONFIG = os.path.join(DATA, "..", "..", "config", "bridge")
EIGHT = ["collector_tstamp", "event_id", "event_name", "viewer_id", "adsClicked", "adsSkipped", "adId", "video_ts"]

os.environ["BRIDGE_SCRIPT"] = os.path.join(CONFIG, "viewers.js")

# As the accelerator's own file is made: one transform block each, brokers at both ends, environment variables.
ACCELERATOR = """
license {
  accept = env("ACCEPT_LICENSE")
}

source {
  use "kinesis" {
    stream_name         = "enriched-good"
    region              = env("AWS_REGION")
    app_name            = "snowbridge"
    custom_aws_endpoint = "http://localhost.localstack.cloud:4566"
  }
}

transform {
  use "spEnrichedFilter" {
    atomic_field  = "event"
    regex         = "unstruct"
    filter_action = "keep"
  }
}

transform {
  use "spEnrichedFilter" {
    atomic_field  = "event_name"
    regex         = "^(play|pause|ping|end|ad_break.*)_event$"
    filter_action = "keep"
  }
}

transform {
  use "js" {
    script_path   = env.BRIDGE_SCRIPT
    snowplow_mode = true
  }
}

target {
  use "kafka" {
    brokers    = "kafka:9092"
    topic_name = "snowplow-enriched-good"
  }
}

failure_target {
  use "stdout" {}
}

log_level         = "debug"
disable_telemetry = true
"""


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def target(use):
    return "target {\n  " + use + "\n}\n"


class Inbox:
    """An HTTP server that keeps what it is sent, on a port that outlives it."""

    def __init__(self):
        self.bodies, self.status, self.port, self.server = [], 200, 0, None

    def start(self):
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802, the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if inbox.status == 200:
                    inbox.bodies.append(json.loads(body))
                self.send_response(inbox.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def messages(self):
        return [message for body in list(self.bodies) for message in body]


def ping(number, kind="ping_event"):
    return media_event(str(uuid.UUID(int=number)), "device", kind, int(time.time() * 1000))


def metric(lvp, name):
    for line in lvp.get("/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def retries(lvp):
    return metric(lvp, 'lvp_bridge_retries_total{bridge="forward away"}')


class Alone(unittest.TestCase):
    """lvp bridge"""

    def test_lines_to_lines(self):
        with folder() as data:
            config = write(data, "lines.hcl", read(os.path.join(CONFIG, "viewers.hcl")) + target(
                'use "stdout" {\n data_only_output = true\n }'))
            code, out, err = run("bridge", "--config", config, "--workers", "8", text=read(SAMPLE) + "no event\n")
        self.assertEqual(code, 0, err)
        *messages, failure = out.splitlines()
        self.assertEqual([list(json.loads(message)) for message in messages], [EIGHT] * 18)
        times = [json.loads(message)["collector_tstamp"] for message in messages]
        self.assertEqual(times, sorted(times))
        # R184: unless it is told otherwise, the failure target prints key and times, too.
        self.assertRegex(failure, r"^PartitionKey:,TimeCreated:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC,"
                                  r"TimePulled:[^,]+,TimeTransformed:[^,]+,Data:\{")
        row = json.loads(failure[failure.index("Data:") + 5:])
        self.assertEqual(row["schema"], "iglu:com.snowplowanalytics.snowplow.badrows/generic_error/jsonschema/1-0-0")
        self.assertEqual(row["data"]["payload"], "no event")

    def test_nothing_set_passes_everything(self):
        with folder() as data:
            code, out, err = run("bridge", "--config", write(data, "empty.hcl", ""), text="Hello World!\r\n\nlast")
        self.assertEqual(code, 0, err)
        lines = [re.sub(r"^PartitionKey:,TimeCreated:[^,]*,TimePulled:[^,]*,TimeTransformed:"
                        r"0001-01-01 00:00:00 \+0000 UTC,Data:", "", line) for line in out.splitlines()]
        self.assertEqual(lines, ["Hello World!", "", "last"])

    def test_lines_to_http(self):
        inbox = Inbox()
        inbox.start()
        with folder() as data:
            config = write(data, "http.hcl", target(f'''use "http" {{
              url = "http://127.0.0.1:{inbox.port}/"
              batching {{
                max_batch_messages = 2
              }}
            }}'''))
            code, out, err = run("bridge", "--config", config, text='{"a":1}\nno json\n{"a":3}\n{"a":4}\n')
            self.assertEqual(code, 0, err)
            self.assertEqual(inbox.bodies, [[{"a": 1}], [{"a": 3}, {"a": 4}]])
            self.assertIn("Message can't be parsed as valid JSON", out)
            inbox.status = 500
            config = write(data, "short.hcl", "retry {\n transient {\n delay_ms = 1\n max_attempts = 2\n }\n}\n" +
                           target(f'use "http" {{\n url = "http://127.0.0.1:{inbox.port}/"\n }}'))
            code, _, err = run("bridge", "--config", config, text="1\n")
            self.assertNotEqual(code, 0)
            self.assertIn("response status: '500 Internal Server Error' with error details: 'Transient error'", err)
        inbox.stop()

    def test_a_stream_is_read_once_by_each_group(self):
        with folder() as data:
            fill = write(data, "fill.hcl", target('use "stream" {\n name = "mine"\n }'))
            code, out, err = run("bridge", "--config", fill, "--data", data, text="1\n2\n3\n")
            self.assertEqual((code, out), (0, ""), err)
            again = write(data, "again.hcl", 'source {\n use "stream" {\n name = "mine"\n }\n}\n' +
                          target('use "stdout" {\n data_only_output = true\n }'))
            for group, expected in [("one", "1\n2\n3\n"), ("one", ""), ("two", "1\n2\n3\n")]:
                code, out, err = run("bridge", "--config", again, "--data", data, "--group", group)
                self.assertEqual((code, out), (0, expected), err)
            with Lvp(data):
                code, _, err = run("bridge", "--config", again, "--data", data)
                self.assertEqual(code, 2)
                self.assertIn("bridge.forward", err)

    def test_what_is_not_there_ends_the_start(self):
        for text, error in [
            (target('use "kinesis" {\n stream_name = "x"\n }'), ':2: target: use "kinesis": is not supported here'),
            ('source {\n use "kafka" {\n }\n}\n', ':2: source: use "kafka": use "stdin" or "stream"'),
            (target('use "http" {\n url = "http://x/"\n oauth2_token_url = "http://y"\n }'),
             ':4: target: use "http": oauth2_token_url: is not supported'),
            (target('use "stream" {\n name = "No"\n }'), ':3: target: use "stream": name: must be letters'),
            ('transform {\n use "js" {\n script_path = "/nowhere"\n }\n}\n', ':3: transform: use "js": script_path: '),
        ]:
            with folder() as data:
                config = write(data, "bad.hcl", text)
                code, out, err = run("bridge", "--config", config, text="1\n")
                self.assertEqual((code, out), (2, ""))
                self.assertIn(config + error, err)


class InThePipeline(unittest.TestCase):
    """bridge.config and bridge.forward"""

    def test_the_accelerators_file_makes_the_media_records(self):
        with folder() as data:
            config = write(data, "config.hcl", ACCELERATOR)
            with Lvp(data, bridge__config=config, bridge__workers=2) as lvp:
                self.assertEqual(lvp.post(payload(ping(1, "play_event"), ping(2, "pause_event"))).status, 200)
                records = until(lambda: len(made := lvp.records("media")) == 2 and made, "two media records")
                self.assertEqual([list(record["value"]) for record in records], [EIGHT] * 2)
                self.assertEqual([record["value"]["event_name"] for record in records], ["play_event", "pause_event"])

    def test_an_http_target_belongs_beside_the_pipeline(self):
        with folder() as data:
            config = write(data, "http.hcl", target('use "http" {\n url = "http://x/"\n }'))
            code, _, err = run("up", "--data", data, "--set", f"bridge.config={config}", "--set", "collector.port=0")
            self.assertEqual(code, 2)
            self.assertIn('http.hcl:2: target: use "http": is not supported in bridge.config', err)

    def test_a_target_that_is_away_holds_up_nobody_and_loses_nothing(self):
        here, away = Inbox(), Inbox()
        here.start()
        away.start()
        with folder() as data:
            def forward(name, port):
                return write(data, name, 'source {\n use "stream" {\n name = "media"\n }\n}\n' +
                             "retry {\n transient {\n delay_ms = 20\n max_attempts = 0\n }\n}\n" +
                             target(f'use "http" {{\n url = "http://127.0.0.1:{port}/"\n }}'))

            table = '{here = "%s", away = "%s"}' % (forward("here.hcl", here.port), forward("away.hcl", away.port))
            with Lvp(data, bridge__forward=table) as lvp:
                sent = 0

                def send(count):
                    nonlocal sent
                    for _ in range(count):
                        sent += 1
                        self.assertEqual(lvp.post(payload(ping(sent))).status, 200)

                send(5)
                until(lambda: len(away.messages()) == sent == len(here.messages()), "both have the first")
                away.stop()
                for _ in range(4):
                    send(20)
                    until(lambda: len(here.messages()) == sent, "the one that is here has all")
                    tried = retries(lvp)
                    until(lambda before=tried: retries(lvp) > before, "the other is tried again")
                self.assertEqual(len(away.messages()), 5)
                away.start()
                until(lambda: len(away.messages()) >= sent, "the other has all")
                ids = [message["event_id"] for message in here.messages()]
                self.assertEqual([message["event_id"] for message in away.messages()], ids)
                self.assertEqual([record["value"]["event_id"] for record in lvp.records("media")], ids)
                until(lambda: metric(lvp, 'lvp_bridge_messages_total{bridge="forward away",result="sent"}') == sent,
                      "they are counted")
        here.stop()
        away.stop()


if __name__ == "__main__":
    unittest.main()
