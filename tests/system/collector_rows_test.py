"""The collector's acceptance cases over real sockets: what goes in, what comes back, what is recorded.

A table for each configuration, and one program for each table. The names of the rows are those of
docs/compatibility-collector.md, which also says where an answer differs from the original's, and why. What no socket
can show (sizes at which a batch is cut, byte layouts) is tested beside src/collect.
"""

import dataclasses
import datetime
import email.utils
import json
import socket
import unittest
import urllib.parse

from lvp import TP2, WAIT, Lvp, folder

N = "0c5e9b0c-6a5f-4c1e-9d53-3b2f5c0a8f11"
A = "1a1f0c2e-8f5b-4a6e-8c57-5a1b2c3d4e5f"
NIL = "00000000-0000-0000-0000-000000000000"
FALLBACK = "00000000-0000-4000-A000-000000000000"
ANY_UUID = object()
PIXEL = bytes.fromhex(
    "47494638396101000100f00000ffffff00000021f90401000000002c00000000010001000002024401003b")
IGLU = "/com.snowplowanalytics.iglu/v1"
ABSENT = None
PIXEL_START = b"GIF89a"


@dataclasses.dataclass
class Row:
    name: str
    request: str  # request line without its version
    status: int
    headers: tuple = ()  # of the request, each "Name: value"
    send: str = ""  # the body
    body: object = None  # of the answer; None: not looked at
    answer: dict = dataclasses.field(default_factory=dict)  # header → value, ABSENT, or a test of the value
    record: object = None  # field → value, ABSENT, or a test of the value; None: nothing is recorded


def pixel(name, request, record, headers=(), answer=None, send=""):
    expected = {"Content-Type": "image/gif", "Cache-Control": "no-cache, no-store, must-revalidate", **(answer or {})}
    return Row(name, request, 200, headers, send, lambda body: body.startswith(PIXEL_START) and len(body) == 43,
               expected, record)


def post(name, path, record, headers=(), answer=None, send="testBody"):
    expected = {"Content-Type": "text/plain; charset=UTF-8", "P3P": ABSENT, "Server": ABSENT, **(answer or {})}
    return Row(name, f"POST {path}", 200, headers, send, b"ok", expected, record)


def cookie(value, *attributes, without=(), days=None):
    """A test of Set-Cookie."""
    def holds(header):
        parts = (header or "").split("; ")
        named = {part.split("=")[0] for part in parts[1:]}
        if parts[0] != value and not (value is ANY_UUID and parts[0].startswith("sp=") and len(parts[0]) == 39):
            return False
        if days is not None:
            expires = email.utils.parsedate_to_datetime(next(p for p in parts if p.startswith("Expires="))[8:])
            left = expires - datetime.datetime.now(datetime.timezone.utc)
            if abs(left - datetime.timedelta(days=days)) > datetime.timedelta(minutes=5):
                return False
        return all(a in parts for a in attributes) and not named & set(without)
    return holds


def lines(*expected, absent=()):
    """A test of the recorded headers: these, in this order among others, and none with these beginnings."""
    def holds(headers):
        rest = iter(headers)
        return all(line in rest for line in expected) and not any(h.startswith(a) for h in headers for a in absent)
    return holds


def cookie_line(value):
    expected = [] if value is ABSENT else [f"Cookie: {value}"]
    return lambda headers: [h for h in headers if h.startswith("Cookie:")] == expected


TABLES = {}

TABLES["as it comes"] = ({}, [
    Row("R01 R02", "GET /health", 200, body=b"OK"),
    Row("R03", "OPTIONS /i", 200, body=b""),
    Row("R04", "OPTIONS /health", 200, body=b""),
    Row("R05", "OPTIONS /p3/p4", 200, body=b""),
    Row("R06", "OPTIONS /x", 200, body=b"", answer={
        "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Headers": "Content-Type, SP-Anonymous", "Access-Control-Max-Age": "3600"}),
    Row("R09", "GET /give-me-404", 404, answer={"Strict-Transport-Security": ABSENT}),
    post("R10", "/p3/p4", {"path": "/p3/p4", "body": "testBody", "content_type": "application/json"},
         ("Content-Type: application/json",)),
    pixel("R11", "GET /p3/p4", {"path": "/p3/p4", "body": ABSENT, "content_type": ABSENT}, send="with a body"),
    Row("R12", "HEAD /p3/p4", 200, body=b"", answer={"Content-Type": "image/gif"},
        record={"path": "/p3/p4", "body": ABSENT, "content_type": ABSENT}),
    pixel("R13", "GET /i", {"path": "/i"}),
    Row("R13", "HEAD /i", 200, body=b"", record={"path": "/i"}),
    pixel("R14", "GET /ice.png", {"path": "/ice.png"}),
    Row("R14", "HEAD /ice.png", 200, body=b"", record={"path": "/ice.png"}),
    post("R15", IGLU, {"path": IGLU, "body": '{"schema":"iglu:a/b/jsonschema/1-0-0","data":{}}'},
         send='{"schema":"iglu:a/b/jsonschema/1-0-0","data":{}}'),
    post("R16", IGLU + "?schema=iglu%3Aa", {"querystring": "schema=iglu%3Aa",
                                            "content_type": "application/json; charset=utf-8"},
         ("Content-Type: application/json; charset=UTF-8",)),
    post("R17", IGLU, {"body": "network=twitter&action=retweet", "content_type": "application/x-www-form-urlencoded"},
         ("Content-Type: application/x-www-form-urlencoded",), send="network=twitter&action=retweet"),
    pixel("R18", f"GET {IGLU}?a=b", {"path": IGLU, "querystring": "a=b", "body": ABSENT, "content_type": ABSENT}),
    Row("R20", "GET /r/abc", 404, body=b"redirects disabled"),
    Row("R20", "POST /r/abc", 404, body=b"redirects disabled"),
    Row("R21", "OPTIONS /r/abc", 404, body=b"redirects disabled"),
    Row("R23", "GET /", 404),
    Row("R27", "GET /crossdomain.xml", 404),
    Row("R30", "GET /robots.txt", 200, body=b"User-agent: *\nDisallow: /"),
    Row("R31", "GET /something", 404, body=b"404 not found"),
    Row("R32", "GET /health/", 200, body=b"OK"),
    Row("R33", "PUT /a/b", 404),
    Row("R33", "POST /i", 404),
    Row("R33", "HEAD /health", 404, body=b""),
    pixel("R39", "GET /i?a=%b", {"querystring": "a=%25b"}),
    pixel("R40", "GET /i?a=b|c", {"querystring": "a=b%7Cc"}),
    Row("C01", "GET /i", 200, body=PIXEL, record={}),
    post("C02", "/a/b", {}, answer={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}),
    post("C03", "/a/b", {}, ("Origin: http://origin.com http://otherorigin.com:8080",),
         {"Access-Control-Allow-Origin": "http://origin.com"}),
    post("C04", "/a/b", {}, ("Origin: http://origin.com",), {"Access-Control-Allow-Origin": "http://origin.com"}),
    post("C05", "/a/b", {}, ("Origin: https://origin.com http://otherorigin.com:8080",),
         {"Access-Control-Allow-Origin": "https://origin.com"}),
    post("C08", "/a/b", {}, ("Origin: null",), {"Access-Control-Allow-Origin": "*"}),
    post("P01", "/a/p?a=b", {
        "ip_address": "192.0.2.3", "querystring": "a=b", "body": "b", "path": "/a/p", "user_agent": "testUserAgent",
        "referer": "example.com", "hostname": "c.example.com", "network_userid": N, "content_type": "application/json",
        "headers": lines("User-Agent: testUserAgent", "Referer: example.com", "Content-Type: application/json",
                         "X-Forwarded-For: 192.0.2.3", f"Cookie: cookie=value;sp={N}", "application/json")},
        ("User-Agent: testUserAgent", "Referer: example.com", "Content-Type: application/json",
         "X-Forwarded-For: 192.0.2.3", f"Cookie: cookie=value; sp={N}"), send="b"),
    pixel("P03", "GET /i", {"ip_address": "127.0.0.1"}),
    pixel("P04", "GET /i", {"ip_address": "unknown"}, ("SP-Anonymous: *", "X-Forwarded-For: 192.0.2.4")),
    pixel("P05", "GET /i", {"headers": lines("X-Forwarded-For: 123.123.123.123"), "ip_address": "123.123.123.123"},
          ("X-Forwarded-For: 123.123.123.123",)),
    pixel("P06", "GET /i", {"headers": lines("Cookie: name=value")}, ("cookie: name=value",)),
    pixel("P07 P09", "GET /i", {"headers": lines("User-Agent: u", "Referer: r", "SP-Anonymous: *",
                                                absent=("X-Forwarded-For", "X-Real-Ip", "Cookie"))},
          ("User-Agent: u", "Referer: r", "X-Forwarded-For: 192.0.2.4", "X-Real-Ip: 192.0.2.4", "Cookie: a=b",
           "SP-Anonymous: *")),
    pixel("P08", "GET /i", {"headers": lines("User-Agent: u", "X-Forwarded-For: 192.0.2.4", "X-Real-Ip: 192.0.2.4",
                                             "Cookie: a=b")},
          ("User-Agent: u", "X-Forwarded-For: 192.0.2.4", "X-Real-Ip: 192.0.2.4", "Cookie: a=b")),
    pixel("P12", "GET /i", {"querystring": ABSENT, "user_agent": ABSENT, "referer": ABSENT}),
    pixel("P13", "GET /abc/def?a=12&b=13#frg", {"path": "/abc/def", "querystring": "a=12&b=13"}),
    pixel("P14", "GET /i?u=http%3A%2F%2Fa%2Fb", {"querystring": "u=http%3A%2F%2Fa%2Fb"}),
    pixel("P15", "GET /i", {"ip_address": "127.0.0.1"}, ("X-Forwarded-For: 203.0.113.7:4711",)),
    pixel("P16", "GET /i", {"ip_address": "2001:db8::1"}, ("X-Forwarded-For: 2001:DB8::1",)),
    pixel("P17", "GET /i", {"hostname": "c.example.com"}),
    post("P18", "/a/b", {"content_type": "application/json; charset=utf-8"},
         ("Content-Type: application/json;charset=UTF-8",)),
    post("P19", "/a/b", {"body": "", "querystring": ABSENT}, send=""),
    *[pixel(name, "GET /i", {"headers": cookie_line(recorded)}, (f"Cookie: {sent}",)) for name, sent, recorded in [
        ("K01", "name=value", "name=value"),
        ("K02", "name1=value2;name=value", "name1=value2;name=value"),
        ("K03", " name=value ", "name=value"),
        ("K04", "name = value", "name=value"),
        ("K05", '{"a": "b"}; name=value; n2=v2', "name=value;n2=v2"),
        ("K06", 'name=value; {"a": "b"}; n2=v2', "name=value;n2=v2"),
        ("K07", 'name=value; n2=v2; {"a": "b"}', "name=value;n2=v2"),
        ("K08", '{"a": "b"}', ABSENT),
        ("K09", ';{"a": "b"};', ABSENT),
        ("K10", ";", ABSENT),
        ("K10", ";;", ABSENT)]],
    post("N01 N15", "/a/b", {"network_userid": N}, (f"Cookie: sp={N}",),
         {"Set-Cookie": cookie(f"sp={N}", "Path=/", "Secure", "HttpOnly", "SameSite=None", without=("Domain",),
                               days=365)}),
    post("N02", "/a/b", {"network_userid": NIL}, (f"Cookie: sp={N}", "SP-Anonymous: *"), {"Set-Cookie": ABSENT}),
    pixel("N03", f"GET /i?nuid={A}", {"network_userid": A}, (f"Cookie: sp={N}",)),
    pixel("N04", "GET /i", {"network_userid": N}, (f"Cookie: sp={N}",)),
    pixel("N05", "GET /i", {"network_userid": ANY_UUID}, answer={"Set-Cookie": cookie(ANY_UUID)}),
    pixel("N06", f"GET /i?nuid={A}", {"network_userid": NIL}, (f"Cookie: sp={N}", "SP-Anonymous: *")),
    pixel("N07", "GET /i", {"network_userid": NIL}, (f"Cookie: sp={N}", "SP-Anonymous: *")),
    pixel("N08", "GET /i", {"network_userid": NIL}, ("SP-Anonymous: *",), {"Set-Cookie": ABSENT}),
    pixel("N20", "GET /i", {}, (f"Cookie: sp={N}",), {"Set-Cookie": cookie(f"sp={N}")}),
    pixel("N25", "GET /i?nuid=", {"network_userid": ANY_UUID}, answer={"Set-Cookie": cookie(ANY_UUID)}),
    pixel("N26", "GET /i", {"network_userid": N, "headers": cookie_line(f"a=1;sp={N}")}, (f"Cookie: a=1;sp={N}",)),
    post("X12", "/com.acme/track", {"path": "/com.acme/track"}),
])

TABLES["everything switched"] = ({
    "collector__preflight_max_age": "600s", "collector__hsts_max_age": "180d",
    "collector__root_status": 302, "collector__root_headers": '{Location = "https://127.0.0.1/"}',
    "collector__cross_domain_domains": '["*", "acme.com"]', "collector__cross_domain_secure": "false",
    "collector__cookie_enabled": "false", "collector__cookie_client_name": "sp_client",
    "collector__paths": '{"/com.acme/track" = "/com.snowplowanalytics.snowplow/tp2", '
                        '"/com.acme/redirect" = "/r/tp2", "/com.acme/iglu" = "/com.snowplowanalytics.iglu/v1"}',
}, [
    Row("R07", "OPTIONS /x", 200, answer={"Access-Control-Max-Age": "600"}),
    *[Row("R08", request, status, record=record,
          answer={"Strict-Transport-Security": "max-age=15552000; includeSubDomains"})
      for request, status, record in [("GET /i", 200, {}), ("GET /health", 200, None), ("GET /x", 404, None)]],
    Row("R22 R24", "GET /", 302, body=b"", answer={"Location": "https://127.0.0.1/"}),
    Row("R26 R28", "GET /crossdomain.xml", 200, body=lambda text: text.startswith(b"<?xml") and text.count(
        b'secure="false"') == 2 and b'domain="acme.com"' in text and text.rstrip().endswith(b"</cross-domain-policy>")),
    post("N12", "/a/b", {}, answer={"Set-Cookie": ABSENT}),
    post("N21", "/a/b", {"network_userid": ANY_UUID}, (f"Cookie: sp={N}",), {"Set-Cookie": ABSENT}),
    post("X11 X13", "/com.acme/track", {"path": TP2, "body": "foo"}, send="foo"),
    Row("X11 X13", "POST /com.acme/redirect", 400, send="foo", record={"path": "/r/tp2", "body": "foo"}),
    post("X11 X13", "/com.acme/iglu", {"path": IGLU, "body": "foo"}, send="foo"),
])

TABLES["cookies"] = ({
    "collector__cookie_name": "greatName", "collector__cookie_expires": "42d", "collector__cookie_secure": "false",
    "collector__cookie_http_only": "false", "collector__cookie_same_site": "Strict",
    "collector__cookie_domains": '["domain.com", "otherdomain.com"]',
    "collector__cookie_fallback_domain": "fallback.com", "collector__cookie_client_name": "sp_client",
    "collector__cookie_cleared_by_anonymous": "true",
}, [
    post("N16 D05", "/a/b", {"network_userid": N}, (f"Cookie: greatName={N}",),
         {"Set-Cookie": [cookie(f"greatName={N}", "Path=/", "SameSite=Strict", "Domain=fallback.com",
                                without=("Secure", "HttpOnly"), days=42),
                         cookie(f"sp_client={N}", "Domain=fallback.com", days=42)]}),
    post("N22", "/a/b", {"network_userid": NIL}, (f"Cookie: greatName={N}", "SP-Anonymous: *"),
         {"Set-Cookie": [cookie("greatName=", days=-42), cookie("sp_client=", days=-42)]}),
    post("N11 N23", "/a/b", {"network_userid": NIL}, ("SP-Anonymous: *",), {"Set-Cookie": ABSENT}),
    *[post(name, "/a/b", {}, (f"Cookie: greatName={N}", f"Origin: {origin}"),
           {"Set-Cookie": [cookie(f"greatName={N}", f"Domain={domain}"), cookie(f"sp_client={N}")]})
      for name, origin, domain in [
          ("D06", "http://origin.com http://otherorigin.com:8080", "fallback.com"),
          ("D07", "http://www.domain.com", "domain.com"),
          ("D08", "http://www.domain2.com http://www.domain.com http://www.otherdomain.com:8080", "domain.com"),
          ("D09", "http://domain.com", "domain.com"),
          ("D09", "http://blog.domain.com.domain.com", "domain.com"),
          ("D10", "http://notdomain.com", "fallback.com"),
          ("D10", "http://blog.domain.comdomain.com", "fallback.com"),
          ("D13", "http://other.domain", "fallback.com")]],
])

TABLES["cookies without a fallback"] = ({
    "collector__cookie_secure": "false", "collector__cookie_http_only": "false",
    "collector__cookie_domains": '["domain.com", "sub.domain.com"]',
}, [
    post("N17", "/a/b", {}, answer={"Set-Cookie": cookie(ANY_UUID, "Secure", "SameSite=None", without=("HttpOnly",))}),
    post("D02", "/a/b", {}, answer={"Set-Cookie": cookie(ANY_UUID, without=("Domain",))}),
    post("D03", "/a/b", {}, ("Origin: http://origin.com http://otherorigin.com:8080",),
         {"Set-Cookie": cookie(ANY_UUID, without=("Domain",))}),
    post("D12", "/a/b", {}, ("Origin: http://sub.domain.com",), {"Set-Cookie": cookie(ANY_UUID, "Domain=domain.com")}),
])

TARGET = urllib.parse.quote("https://snowplow.acme.com/12?uid=${SP_NUID}", safe="")
TABLES["redirects"] = ({
    "collector__redirect_hosts": '["snowplow.acme.com", "example.com"]', "collector__redirect_macro": "${SP_NUID}",
}, [
    Row("X01 X07 R19", f"GET /r/tp2?u={TARGET}", 302, (f"Cookie: sp={N}",),
        answer={"Location": f"https://snowplow.acme.com/12?uid={N}", "Set-Cookie": cookie(f"sp={N}"),
                "Cache-Control": "no-cache, no-store, must-revalidate"}, record={"path": "/r/tp2"}),
    Row("X09", "GET /r/tp2?u=" + urllib.parse.quote("http://example.com/a%3Db", safe=""), 302,
        answer={"Location": "http://example.com/a%3Db"}, record={}),
    Row("X03", "GET /r/tp2", 400, answer={"Location": ABSENT, "Set-Cookie": cookie(ANY_UUID)}, record={}),
    Row("X04", "GET /r/tp2?u=https%3A%2F%2Finvalidexample.com%2F12", 400, answer={"Location": ABSENT}, record={}),
])

TABLES["redirects to anywhere"] = ({"collector__redirect_hosts": '["*"]'}, [
    Row("X05", "GET /r/tp2?u=https%3A%2F%2Funknown.example.com%2F12", 302,
        answer={"Location": "https://unknown.example.com/12"}, record={}),
    Row("X06", "GET /r/tp2?u=" + urllib.parse.quote("http://d/?uid=${SP_NUID}", safe=""), 302,
        answer={"Location": lambda url: url.startswith("http://d/?uid=$") and N not in url}, record={}),
    Row("X10", "GET /r/tp2?u=https%3A%2F%2Fa.example%2F%3Fq%3Da%20b", 302,
        answer={"Location": "https://a.example/?q=a%20b"}, record={}),
])

TABLES["do not track"] = ({
    "collector__do_not_track_cookie": "foo", "collector__do_not_track_value": "deleted-[0-9]+|bar",
}, [
    post("X17", "/a/b", {"headers": cookie_line("foo=foo")}, ("Cookie: foo=foo",)),
    post("X15 X17", "/a/b", {"headers": cookie_line("bar=bar")}, ("Cookie: bar=bar",)),
    post("N13 X17", "/a/b", None, ("Cookie: foo=bar",), {"Set-Cookie": ABSENT}),
    post("N14", "/a/b", None, ("Cookie: foo=bar", "SP-Anonymous: *"), {"Set-Cookie": ABSENT}),
    post("X14", "/a/b", {}, ("Cookie: foo=lorem-1p5uM",)),
    post("X19", "/a/b", None, ("Cookie: foo=deleted-1735689600000",)),
])

TABLES["bounce"] = ({
    "collector__bounce_enabled": "true", "collector__bounce_protocol_header": "X-Forwarded-Proto",
}, [
    Row("X21 X24", "GET /i?e=pv", 302, answer={"Location": "/i?e=pv&n3pc=true", "Set-Cookie": cookie(ANY_UUID),
                                               "Cache-Control": "no-cache, no-store, must-revalidate"}),
    Row("X24", "GET /i", 302, answer={"Location": "/i?n3pc=true"}),
    Row("X25", "GET /i?e=pv", 302, ("X-Forwarded-Proto: https",),
        answer={"Location": "https://c.example.com/i?e=pv&n3pc=true"}),
    pixel("X22", f"GET /i?nuid={A}", {"network_userid": A}, answer={"Location": ABSENT}),
    pixel("X23", "GET /i?n3pc=true", {"network_userid": FALLBACK}, answer={"Location": ABSENT}),
    pixel("X23", "GET /i?n3pc=true", {"network_userid": N}, (f"Cookie: sp={N}",)),
    post("X27", "/a/b", {}, answer={"Location": ABSENT}),
])

TABLES["small bodies"] = ({"collector__body_bytes_max": 1000}, [
    Row("R35 R37", "POST /a/b", 413, send="x" * 1001, answer={"Access-Control-Allow-Origin": "*"}),
    post("R36", "/a/b", {"body": "x" * 1000}, send="x" * 1000),
])

TABLES["cut batches"] = ({"collector__payload_bytes_max": 10000}, [
    Row("S13", f"POST {TP2}", 200, ("Content-Type: application/json",),
        json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
                    "data": [{"e": "pv", "tv": "x" * 6000}, {"e": "pv", "tv": "y" * 6000}]}), b"ok",
        record=[{"body": lambda body: "x" * 6000 in body and "yy" not in body},
                {"body": lambda body: "y" * 6000 in body and "xx" not in body}]),
])


class Sent:
    """One request on a connection of its own, and all that came back."""

    def __init__(self, url, row):
        where = urllib.parse.urlsplit(url)
        head = [f"{row.request} HTTP/1.1", "Host: c.example.com", "Connection: close", *row.headers]
        if row.send or row.request.startswith(("POST", "PUT")):
            head.append(f"Content-Length: {len(row.send)}")
        with socket.create_connection((where.hostname, where.port), timeout=WAIT) as connection:
            connection.sendall(("\r\n".join(head) + "\r\n\r\n" + row.send).encode())
            received = b""
            while piece := connection.recv(65536):
                received += piece
        head, _, self.body = received.partition(b"\r\n\r\n")
        first, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1])
        self.fields = [tuple(field.split(": ", 1)) for field in fields]

    def values(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]


def matches(actual, expected):
    if expected is ANY_UUID:
        return isinstance(actual, str) and len(actual) == 36 and actual not in (N, A, NIL, FALLBACK)
    return expected(actual) if callable(expected) else actual == expected


class Rows(unittest.TestCase):
    def check(self, sent, row):
        self.assertEqual(sent.status, row.status)
        if row.body is not None:
            self.assertTrue(matches(sent.body, row.body), sent.body)
        for name, expected in row.answer.items():
            values = sent.values(name)
            if expected is ABSENT:
                self.assertEqual(values, [], name)
                continue
            wanted = expected if isinstance(expected, list) else [expected]
            self.assertEqual(len(values), len(wanted), (name, values))
            for value, each in zip(values, wanted):
                self.assertTrue(matches(value, each), (name, value))

    def check_record(self, record, fields):
        for name, expected in fields.items():
            self.assertTrue(matches(record.get(name), expected), (name, record))

    def check_table(self, name):
        settings, rows = TABLES[name]
        with folder() as data, Lvp(data, command="collect", player__enabled="false", **settings) as lvp:
            expected = []
            for row in rows:
                with self.subTest(table=name, row=row.name, request=row.request):
                    self.check(Sent(lvp.collector, row), row)
                if row.record is not None:
                    expected += [(row, fields) for fields in (row.record if isinstance(row.record, list)
                                                              else [row.record])]
            records = [record["value"] for record in lvp.records("raw")]
            self.assertEqual(len(records), len(expected), f"{name}: as many records as rows ask for")
            for record, (row, fields) in zip(records, expected):
                with self.subTest(table=name, row=row.name, request=row.request):
                    self.check_record(record, fields)


for table in TABLES:
    def test(self, name=table):
        self.check_table(name)
    setattr(Rows, "test_" + table.replace(" ", "_"), test)

if __name__ == "__main__":
    unittest.main()
