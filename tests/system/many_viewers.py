"""What a large live audience costs to hold in one process. No test: what it prints depends on the machine.

    many_viewers.py [VIEWERS]        LVP and LVP_MULTIPLY name the programs (docs/simulate.md)

A thousand viewers of `lvp simulate` watch for half a minute, and copied in the store of the stopped program until
there are as many as wanted. The program is started on them, and a dashboard connects while some more viewers act.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse

from lvp import PROGRAM, Lvp, folder

MULTIPLY = os.environ["LVP_MULTIPLY"]
# They say that they ping once an hour: so nobody is declared gone while this goes on.
AUDIENCE = ["--viewers", "1000", "--duration", "30s", "--ping", "3600s", "--activity", "5s", "--deaths", "0",
            "--seed", "1"]
NEWCOMERS = ["--viewers", "200", "--duration", "20s", "--ping", "5s", "--activity", "5s", "--deaths", "0",
             "--seed", "2", "--verify", "--max-p99", "1s"]


def simulate(lvp, *arguments):
    done = subprocess.run([PROGRAM, "simulate", "--collector", lvp.collector, "--private", lvp.private, *arguments],
                          capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def memory_mb(process, field):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def cpu_s(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def first_frame(url):
    """(seconds until a dashboard that connects has its snapshot, bytes of it)"""
    host = urllib.parse.urlsplit(url).netloc
    began = time.monotonic()
    name, port = host.split(":")
    with socket.create_connection((name, int(port))) as connection:
        connection.sendall((f"GET /live HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode())
        with connection.makefile("rb") as stream:
            while stream.readline() != b"\r\n":
                pass
            length = stream.read(2)[1]
            length = int.from_bytes(stream.read({126: 2, 127: 8}.get(length, 0)), "big") or length
            stream.read(length)
    return time.monotonic() - began, length


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with folder(os.environ.get("TMPDIR")) as data:
        with Lvp(data) as lvp:
            simulate(lvp, *AUDIENCE)
        subprocess.run([MULTIPLY, data, str(wanted)], check=True)

        began = time.monotonic()
        with Lvp(data) as lvp:
            print(f"started after        {time.monotonic() - began:.1f} s, {cpu_s(lvp.process):.1f} s of CPU")
            viewers = next(float(line.split()[1]) for line in lvp.get("/metrics").body.decode().splitlines()
                           if line.startswith("lvp_viewers "))
            memory = memory_mb(lvp.process, "VmRSS")
            print(f"open viewers         {viewers:.0f}")
            print(f"memory               {memory:.0f} MB, {memory * 1024 / wanted:.2f} KB a viewer")
            before = cpu_s(lvp.process)
            time.sleep(10)
            print(f"CPU while all rests  {(cpu_s(lvp.process) - before) * 10:.1f} % of a processor")
            for _ in range(3):
                seconds, size = first_frame(lvp.private)
                print(f"a dashboard connects {seconds * 1000:.0f} ms to its snapshot of {size / 1e6:.1f} MB")
            found = simulate(lvp, *NEWCOMERS)
            shown = found["update_ms"]
            print(f"shown after          p50 {shown['p50']:.1f}, p99 {shown['p99']:.1f}, max {shown['max']:.1f} ms"
                  f" of {shown['count']} changes; {found['lost']} lost, {found['doubled']} doubled")
            print(f"memory at most       {memory_mb(lvp.process, 'VmHWM'):.0f} MB")


if __name__ == "__main__":
    main()
