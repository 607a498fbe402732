"""A little Iglu repository on this machine, whose answers the test chooses."""

import http.server
import json
import ssl
import subprocess
import threading


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """A certificate authority of its own in this folder; `file` is its certificate."""

    def __init__(self, folder):
        self.folder, self.file, self.key = folder, f"{folder}/ca.pem", f"{folder}/ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                "-subj", "/CN=A test's authority", "-keyout", self.key, "-out", self.file)

    def server(self, alternative_name):
        """TLS of a server with a certificate for that name, such as IP:127.0.0.1."""
        key, request, certificate, extensions = (f"{self.folder}/server.{end}" for end in ("key", "csr", "pem", "ext"))
        with open(extensions, "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={alternative_name}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=A registry",
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", "1",
                "-extfile", extensions, "-out", certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


class Registry:
    """Answers GET /api/schemas/VENDOR/NAME/jsonschema/VERSION with what it has, else 404."""

    def __init__(self, apikey=None, tls=None):
        self.schemas = {}  # "com.acme/x/jsonschema/1-0-0" → text
        self.asked = []  # the same, as asked for
        self.apikey = apikey
        self.tls = tls
        self.status = None  # of every answer, instead of what it has
        self.troubled = set()  # for these keys it answers 503
        self.port = 0
        self.server = None
        self.start()

    def start(self):
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, text = registry.answer(self.path, self.headers)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        if self.tls:
            self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        """From now on connections are refused."""
        self.server.shutdown()
        self.server.server_close()
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.stop()

    def answer(self, path, headers):
        key = path.removeprefix("/api/schemas/")
        self.asked.append(key)
        if self.status:
            return self.status, b"no"
        if key in self.troubled:
            return 503, b"no"
        if self.apikey and headers.get("apikey") != self.apikey:
            return 403, b""
        text = self.schemas.get(key)
        return (404, b"{}") if text is None else (200, text.encode())

    def repository(self, name, priority=0, prefixes=()):
        """It, as a resolver's file says it."""
        http_connection = {"uri": f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/api"}
        if self.apikey:
            http_connection["apikey"] = self.apikey
        return {"name": name, "priority": priority, "vendorPrefixes": list(prefixes),
                "connection": {"http": http_connection}}


def resolver(*repositories, ttl=None):
    """The text of a resolver's file."""
    data = {"cacheSize": 500, "repositories": list(repositories)}
    if ttl is not None:
        data["cacheTtl"] = ttl
    return json.dumps({"schema": "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3", "data": data})
