"""An HTTP target that can be killed: it writes down whose event came, in the order of coming, before it answers.

    webhook.py FILE PORT

It prints its port. A line of FILE is "DEVICE EVENT;": one that a kill has cut off has no semicolon.
"""

import http.server
import json
import os
import signal
import subprocess
import sys

WAIT = 20  # seconds


class Webhook:
    """The program of this file, on a port that stays its own."""

    def __init__(self, path):
        self.path, self.port, self.process = path, 0, None
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-B", __file__, self.path, str(self.port)],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=WAIT)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def size(self):
        """In bytes of its file: it grows with each batch."""
        return os.path.getsize(self.path)

    def events(self):
        """By device its events' ids in the order in which each came first."""
        with open(self.path, encoding="utf-8") as file:
            lines = [line[:-2].split(" ") for line in file if line.endswith(";\n")]
        came = {}
        for device, event in lines:
            came.setdefault(device, {}).setdefault(event)
        return {device: list(events) for device, events in came.items()}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):  # noqa: N802, the library's name
        messages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lines = [f"{message.get('domain_userid') or message['viewer_id']} {message['event_id']};\n"
                 for message in messages]
        os.write(self.server.file, "".join(lines).encode())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # whoever sends may be killed, too
            super().handle_error(request, client_address)


def main(path, port):
    server = Server(("127.0.0.1", int(port)), Handler)
    server.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(server.file, b"\n")  # whatever was cut off ends here
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
