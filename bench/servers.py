"""The servers that benchmarks compare, each started on a processor of its own, and the load on them.

A server is a context: it listens when it is entered, and its processes and folder are gone when it is left.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

SERVER_CPU, LOAD_CPU = "0", "1"
WAIT = 20  # seconds that a start or stop may take
TICKS = os.sysconf("SC_CLK_TCK")

# The threads of `lvp up` that collect: an event loop of the collector's port, and the stage.
COLLECTING = {"http", "collect"}


class Server:
    """A process pinned to SERVER_CPU that answers on `port` while the context lasts. `pid` does the work."""

    name = ""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="lvp_bench_")
        self.process = None
        self.pid = self.port = 0

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        raise NotImplementedError

    def run(self, *arguments):
        """Starts the program; taskset becomes it, so the process id is the program's."""
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CPU, *arguments], stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def read_ready(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: did not start, ended with {self.process.wait()}")
        return json.loads(line)

    def cpu_seconds(self):
        """User and system time of all threads so far, those that ended included."""
        return cpu_in(f"/proc/{self.pid}/stat")


class Bare(Server):
    """The floor: bench/bare_epoll.cc."""

    name = "bare epoll"

    def __init__(self, tools):
        super().__init__()
        self.program = os.path.join(tools, "bench_bare_epoll")

    def start(self):
        self.run(self.program)
        self.port = self.read_ready()["port"]


class Nginx(Server):
    """Debian's nginx with one worker that reads each body into memory and answers `ok`.

    `return 200` would answer without reading: nginx then throws the body away as it comes. Handing it to another
    server (proxy_pass) reads it, but costs a second request. The echo module, which nginx-light brings, has a
    directive that does nothing but wait for the whole body in memory, so that is what is used. Two more settings
    are in nginx's favour: the header's buffer is large enough for the whole request, so that one recv() takes it,
    and no log is written. The answer's headers are those of the collector; its body comes in a chunk.
    """

    name = "nginx"
    CONFIGURATION = """
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
user {user};
daemon off;
worker_processes 1;
pid {folder}/pid;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_header_buffer_size 32k;
  client_body_buffer_size 1m;
  client_max_body_size 1m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type "text/plain; charset=UTF-8";
  server {{
    listen 127.0.0.1:{port};
    location / {{
      add_header Access-Control-Allow-Origin $http_origin;
      add_header Access-Control-Allow-Credentials true;
      add_header Set-Cookie "sp=00000000-0000-4000-8000-000000000000; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/; SameSite=None; Secure; HttpOnly";
      echo_read_request_body;
      echo -n ok;
    }}
  }}
}}
"""

    def start(self):
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            raise SystemExit("nginx: is not installed (Debian package nginx-light)")
        self.port = free_port()
        user = pwd.getpwuid(os.getuid()).pw_name
        with open(os.path.join(self.folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(self.CONFIGURATION.format(folder=self.folder, port=self.port, user=user))
        self.run(program, "-p", self.folder, "-c", "nginx.conf", "-e", "stderr")
        until(lambda: can_connect(self.port), "nginx listens")
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            self.pid = int(file.read().split()[0])  # the worker


class Running(Server):
    """A collector that somebody has started: `port` and `pid` are given, and the process stays when the context is left.
    All its threads are on SERVER_CPU meanwhile."""

    def __init__(self, name, port, pid):
        super().__init__()
        self.name, self.port, self.pid = name, port, pid
        self.processors = os.sched_getaffinity(pid)

    def start(self):
        self.pin({int(SERVER_CPU)})

    def __exit__(self, *_):
        self.pin(self.processors)
        super().__exit__()

    def pin(self, processors):
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            os.sched_setaffinity(int(thread), processors)


class Lvp(Server):
    """The collector: `lvp collect` where there is such a command, else `lvp up` with all its stages."""

    name = "lvp"

    def __init__(self, program, **settings):
        super().__init__()
        self.program = program
        self.settings = {"collector.port": 0, "collector.address": "127.0.0.1", "collector.threads": 1,
                         "player.enabled": "false", "private.port": 0, "log.level": "warn", **settings}
        self.alone = has_command(program, "collect")

    def start(self):
        arguments = [self.program, "collect" if self.alone else "up", "--data", self.folder]
        for name, value in self.settings.items():
            arguments += ["--set", f"{name}={value}"]
        self.run(*arguments)
        self.port = urllib.parse.urlsplit(self.read_ready()["collector"]).port

    def collecting_cpu_seconds(self):
        """CPU time of collecting. `lvp collect` does nothing else; of `lvp up` it is that of the threads that do, and
        None where threads have no names. What RocksDB's own threads use is then left out: most of it is for the
        other stages."""
        if self.alone:
            return self.cpu_seconds()
        by_name = self.cpu_seconds_by_thread()
        if not COLLECTING <= by_name.keys():
            return None
        return sum(by_name[name] for name in COLLECTING)

    def cpu_seconds_by_thread(self):
        seconds = {}
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            folder = f"/proc/{self.pid}/task/{thread}"
            with open(f"{folder}/comm", encoding="utf-8") as file:
                name = file.read().strip()
            seconds[name] = seconds.get(name, 0) + cpu_in(f"{folder}/stat")
        return seconds


def load(tools, port, **options):
    """Runs bench_load on LOAD_CPU: what it reports."""
    arguments = [os.path.join(tools, "bench_load"), "--port", str(port), "--cpu", LOAD_CPU, "--json"]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def sync_times(folder, size, count):
    """Seconds that the disk takes to write `size` bytes at the end of a file and sync them, `count` times."""
    times = []
    block = os.urandom(size)
    with open(os.path.join(folder, "sync"), "wb", buffering=0) as file:
        for _ in range(count):
            begin = time.monotonic()
            file.write(block)
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - begin)
    return times


def cpu_in(stat_file):
    with open(stat_file, encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def has_command(program, name):
    return subprocess.run([program, name, "--help"], capture_output=True, check=False).returncode == 0


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def can_connect(port):
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def until(condition, what, seconds=WAIT):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"never happened: {what}")
        time.sleep(0.02)
