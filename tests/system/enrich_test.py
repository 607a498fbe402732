"""Enrich as a user configures it: repositories of schemas that come and go, enrichments by Snowplow's own files."""

import json
import os
import signal
import unittest
import uuid

from lvp import Lvp, folder, payload, run, until
from registry import Authority, Registry, resolver

SOURCE = os.path.join(os.path.dirname(__file__), "..", "..")
CONFIGURATIONS = os.path.join(SOURCE, "config", "enrichments")
UAP_CORE = "/usr/share/uap-core"
DOG = "iglu:com.acme/dog/jsonschema/1-0-0"


def schema(name="dog", version="1-0-0", **rest):
    return json.dumps({"self": {"vendor": "com.acme", "name": name, "format": "jsonschema", "version": version},
                       "type": "object", "properties": {"age": {"type": "integer"}}, **rest})


def page_view(*entities, event_id=None, **fields):
    """A page view with these entities, each a schema's URI and its data."""
    contexts = {"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
                "data": [{"schema": uri, "data": data} for uri, data in entities]}
    event = {"e": "pv", "p": "web", "tv": "test", "eid": event_id or str(uuid.uuid4()), **fields}
    return {**event, "co": json.dumps(contexts)} if entities else event


def ids(lvp, stream="enriched"):
    return [record["value"]["event_id"] for record in lvp.records(stream)]


def metric(lvp, name):
    lines = lvp.get("/metrics").body.decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Repositories(unittest.TestCase):
    def test_a_schema_is_found_while_the_program_runs(self):
        with folder() as data, Registry(apikey="secret") as registry:
            registry.schemas["com.acme/dog/jsonschema/1-0-0"] = schema()
            file = write(f"{data}/resolver.json", resolver(registry.repository("Acme", prefixes=["com.acme"])))
            with Lvp(data, enrich__resolver=file) as lvp:
                good, bad = page_view((DOG, {"age": 3})), page_view((DOG, {"age": "three"}))
                for event in (good, bad):
                    self.assertEqual(lvp.post(payload(event)).status, 200)
                until(lambda: ids(lvp) and lvp.records("bad"), "both events are judged")
                self.assertEqual(ids(lvp), [good["eid"]])
                self.assertIn("integer expected", json.dumps(lvp.records("bad")[0]["value"]))
                self.assertEqual(registry.asked, ["com.acme/dog/jsonschema/1-0-0"])
            registry.stop()  # a restart needs no network
            with Lvp(data, enrich__resolver=file) as lvp:
                again = page_view((DOG, {"age": 4}))
                lvp.post(payload(again))
                until(lambda: again["eid"] in ids(lvp), "what was found once is known")

    def test_what_no_repository_has_is_a_bad_row(self):
        with folder() as data, Registry() as one, Registry() as other:
            file = write(f"{data}/resolver.json", resolver(one.repository("Zoo"), other.repository("Acme", 5)))
            with Lvp(data, enrich__resolver=file) as lvp:
                lvp.post(payload(page_view((DOG, {}))))
                row = until(lambda: lvp.records("bad"), "the event is refused")[0]["value"]
                message, = row["data"]["failure"]["messages"]
                history = message["error"].pop("lookupHistory")
                self.assertEqual(message, {"schemaKey": DOG, "error": {"error": "ResolutionError"}})
                for lookup in history:
                    self.assertRegex(lookup.pop("lastAttempt"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                self.assertEqual(history, [{"errors": [{"error": "NotFound"}], "attempts": 1, "repository": name}
                                           for name in ("Acme", "Zoo", "lvp embedded")])

    def test_an_outage_parks_records_and_loses_none_of_them(self):
        with folder() as data, Registry() as registry:
            file = write(f"{data}/resolver.json", resolver(registry.repository("Acme")))
            registry.stop()
            parked = [page_view((DOG, {"age": age})) for age in range(20)]
            lvp = Lvp(data, enrich__resolver=file)
            try:
                for event in parked:
                    self.assertEqual(lvp.post(payload(event)).status, 200)
                passing = page_view()
                lvp.post(payload(passing))
                until(lambda: ids(lvp) == [passing["eid"]], "others pass")
                until(lambda: metric(lvp, "lvp_enrich_schemas_awaited") == 1, "the outage shows")
                self.assertEqual(metric(lvp, 'lvp_stage_made_total{kind="later",stage="enrich"}'), 20)
                self.assertEqual(lvp.get("/readyz").status, 200)
                lvp.kill()
                lvp = Lvp(data, enrich__resolver=file)
                self.assertEqual(ids(lvp), [passing["eid"]])
                registry.schemas["com.acme/dog/jsonschema/1-0-0"] = schema()
                registry.start()
                until(lambda: len(ids(lvp)) >= 21, "those that waited are enriched")
                lvp.kill()
                lvp = Lvp(data, enrich__resolver=file)
                last = page_view((DOG, {}))
                lvp.post(payload(last))
                until(lambda: last["eid"] in ids(lvp), "it goes on")
                expected = [event["eid"] for event in [passing, *parked, last]]
                self.assertEqual(sorted(ids(lvp)), sorted(expected))
                self.assertEqual(lvp.records("bad"), [])
            finally:
                lvp.kill()

    def test_who_waits_holds_up_nobody_and_a_crash_neither_loses_nor_doubles(self):
        cat = DOG.replace("dog", "cat")
        with folder() as data, Registry() as registry:
            registry.schemas = {uri.removeprefix("iglu:"): schema(name) for uri, name in ((DOG, "dog"), (cat, "cat"))}
            registry.troubled = {DOG.removeprefix("iglu:")}
            file = write(f"{data}/resolver.json", resolver(registry.repository("Acme")))
            lvp = Lvp(data, enrich__resolver=file)
            try:
                sent = []
                for uri in (DOG, cat, DOG, cat):
                    event = page_view((uri, {}))
                    lvp.post(payload(event))
                    sent.append(event["eid"])
                    if uri == cat:
                        until(lambda: sent[-1] in ids(lvp), "the cat passes")
                until(lambda: len(lvp.records("parked")) == 2, "the dogs wait")
                lvp.kill()  # the next start tries them, in vain, and is killed, too
                lvp = Lvp(data, enrich__resolver=file)
                until(lambda: metric(lvp, "lvp_enrich_schemas_awaited") == 1, "they wait on")
                lvp.kill()
                registry.troubled = set()
                lvp = Lvp(data, enrich__resolver=file)
                until(lambda: len(ids(lvp)) >= len(sent), "the dogs follow")
                self.assertEqual(sorted(ids(lvp)), sorted(sent))
                self.assertEqual(lvp.records("bad"), [])
            finally:
                lvp.kill()

    def test_a_repository_in_trouble_is_no_answer(self):
        with folder() as data, Registry() as registry:
            registry.status = 503
            file = write(f"{data}/resolver.json", resolver(registry.repository("Acme")))
            with Lvp(data, enrich__resolver=file) as lvp:
                event = page_view((DOG, {}))
                lvp.post(payload(event))
                until(lambda: len(registry.asked) > 2, "it is asked again")
                self.assertEqual(lvp.records("bad"), [])
                registry.status = None
                row = until(lambda: lvp.records("bad"), "it does not have the schema")[0]["value"]
                history = row["data"]["failure"]["messages"][0]["error"]["lookupHistory"][0]
                self.assertEqual(history["errors"], [{"error": "RepoFailure",
                                                      "message": "Unexpected server response: no"},
                                                     {"error": "NotFound"}])
                self.assertEqual(history["attempts"], len(registry.asked))

    def test_a_schema_that_became_old_is_renewed_behind_the_scenes(self):
        with folder() as data, Registry() as registry:
            registry.schemas["com.acme/dog/jsonschema/1-0-0"] = schema()
            file = write(f"{data}/resolver.json", resolver(registry.repository("Acme"), ttl=1))
            with Lvp(data, enrich__resolver=file) as lvp:
                lvp.post(payload(page_view((DOG, {}))))
                until(lambda: ids(lvp), "it is found")
                registry.schemas["com.acme/dog/jsonschema/1-0-0"] = schema(required=["age"])

                def refused():
                    lvp.post(payload(page_view((DOG, {}))))
                    return lvp.records("bad")
                until(refused, "the new one holds")
                self.assertEqual(lvp.records("later")[1:], [])  # nobody waited for it


class Https(unittest.TestCase):
    def test_who_is_not_trusted_is_not_believed_and_events_wait(self):
        with folder() as data:
            authority = Authority(data)
            refusals = [("", authority.server("IP:127.0.0.1"), "unable to get local issuer certificate"),
                        (authority.file, authority.server("DNS:iglu.acme.example"), "no alternative certificate subject")]
            for ca, tls, why in refusals:
                with Registry(tls=tls) as registry:
                    registry.schemas["com.acme/dog/jsonschema/1-0-0"] = schema()
                    file = write(f"{data}/resolver.json", resolver(registry.repository("Acme")))
                    code, out, _ = run("schema", "check", DOG, "--resolver", file, "--set", f"enrich.resolver_ca={ca}")
                    self.assertEqual(code, 1)
                    self.assertIn(why, out)
                    with Lvp(f"{data}/{why}", enrich__resolver=file, enrich__resolver_ca=ca) as lvp:
                        lvp.post(payload(page_view((DOG, {}))))
                        until(lambda: lvp.records("parked"), "it waits")
                        self.assertEqual((ids(lvp), lvp.records("bad"), registry.asked), ([], [], []))

    def test_who_is_vouched_for_is_asked(self):
        with folder() as data:
            authority = Authority(data)
            with Registry(tls=authority.server("IP:127.0.0.1"), apikey="secret") as registry:
                registry.schemas["com.acme/dog/jsonschema/1-0-0"] = schema()
                file = write(f"{data}/resolver.json", resolver(registry.repository("Acme")))
                event = page_view((DOG, {"age": 3}))
                with Lvp(f"{data}/lvp", enrich__resolver=file) as lvp:
                    lvp.post(payload(event))
                    until(lambda: lvp.records("parked"), "nobody vouches for it yet")
                with Lvp(f"{data}/lvp", enrich__resolver=file, enrich__resolver_ca=authority.file) as lvp:
                    until(lambda: ids(lvp) == [event["eid"]], "what waited is enriched")


class Files(unittest.TestCase):
    def refused(self, data, **settings):
        arguments = [word for name, value in settings.items() for word in ("--set", f"enrich.{name}={value}")]
        code, _, err = run("up", "--data", data, *arguments)
        self.assertEqual(code, 2, err)
        self.assertEqual(run("check", *arguments), (2, "", err))
        return err

    def test_what_is_wrong_stops_the_start(self):
        with folder() as data:
            self.assertIn("enrich.resolver: /no/file: cannot be read", self.refused(data, resolver="/no/file"))
            file = write(f"{data}/r.json", resolver({"name": "x", "priority": 0, "vendorPrefixes": [],
                                                     "connection": {"http": {}}}))
            self.assertIn(f"enrich.resolver: {file}: iglu resolver: data.repositories[0].connection.http.uri is missing",
                          self.refused(data, resolver=file))
            self.assertIn("enrich.resolver_ca: /no/file: cannot be read", self.refused(data, resolver_ca="/no/file"))
            self.assertIn(f"enrich.resolver_ca: {file}: holds no certificate in PEM", self.refused(data, resolver_ca=file))
            self.assertIn("enrich.enrichments: /no/folder: ", self.refused(data, enrichments="/no/folder"))
            os.mkdir(f"{data}/on")
            name = "yauaa_enrichment_config"
            write(f"{data}/on/a.json", json.dumps({
                "schema": f"iglu:com.snowplowanalytics.snowplow.enrichments/{name}/jsonschema/1-0-0",
                "data": {"vendor": "com.snowplowanalytics.snowplow.enrichments", "name": name, "enabled": True}}))
            self.assertIn(f"{data}/on/a.json: this program has no enrichment {name}",
                          self.refused(data, enrichments=f"{data}/on"))
            with open(f"{CONFIGURATIONS}/ua_parser_config.json", encoding="utf-8") as configured:
                write(f"{data}/on/a.json", configured.read())
            self.assertIn("regexes.yaml", self.refused(data, enrichments=f"{data}/on"))

    def test_enrichments_by_the_originals_own_files(self):
        with folder() as data:
            os.mkdir(f"{data}/on")
            for name in ("anon_ip", "campaign_attribution", "ua_parser_config"):
                with open(f"{CONFIGURATIONS}/{name}.json", encoding="utf-8") as file:
                    write(f"{data}/on/{name}.json", file.read())
            with Lvp(data, enrich__enrichments=f"{data}/on", enrich__assets=UAP_CORE, enrich__incomplete="true") as lvp:
                lvp.post(payload(page_view(ip="203.0.113.77", url="https://acme.example/?utm_source=news&gclid=1",
                                           ua="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")))
                event = until(lambda: lvp.records("enriched"), "it is enriched")[0]["value"]
                self.assertEqual(event["user_ipaddress"], "203.0.113.x")
                self.assertEqual((event["mkt_source"], event["mkt_network"]), ("news", "Google"))
                browser = event["derived_contexts"]["data"][0]
                self.assertEqual(browser["schema"].split("/")[1], "ua_parser_context")
                self.assertEqual(browser["data"]["useragentFamily"], "Firefox")

                failed = page_view((DOG, {}))
                lvp.post(payload(failed))
                until(lambda: ids(lvp, "incomplete") == [failed["eid"]], "the failed event is there, too")
                self.assertEqual(len(lvp.records("bad")), 1)

                # SIGHUP: another file counts from now on, a wrong one changes nothing.
                os.remove(f"{data}/on/campaign_attribution.json")
                write(f"{data}/on/wrong.json", "{")
                self.hang_up(lvp)
                self.assertEqual(self.source(lvp), "news")
                os.remove(f"{data}/on/wrong.json")
                self.hang_up(lvp)
                until(lambda: self.source(lvp) is None, "the enrichment is gone")

    @staticmethod
    def hang_up(lvp):
        lvp.process.send_signal(signal.SIGHUP)

    @staticmethod
    def source(lvp):
        event = page_view(url="https://acme.example/?utm_source=news")
        lvp.post(payload(event))
        found = until(lambda: [record["value"] for record in lvp.records("enriched")
                               if record["value"]["event_id"] == event["eid"]], "it is enriched")
        return found[0].get("mkt_source")


class Commands(unittest.TestCase):
    def test_a_schemas_file_is_linted(self):
        with folder() as data:
            full = json.loads(schema())
            full["$schema"] = "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#"
            file = write(f"{data}/dog", json.dumps(full))
            self.assertEqual(run("schema", "check", file), (0, f"{file}: is well, {DOG}\n", ""))
            full["properties"]["age"]["minimum"] = "none"
            write(file, json.dumps(full))
            code, out, _ = run("schema", "check", file)
            self.assertEqual(code, 1)
            self.assertIn("minimum", out)
            self.assertEqual(run("schema", "check", f"{data}/cat"), (2, "", f"lvp: {data}/cat: cannot be read\n"))

    def test_a_uri_is_looked_up(self):
        with folder() as data, Registry() as one, Registry() as other:
            file = write(f"{data}/resolver.json", resolver(one.repository("Zoo"), other.repository("Acme", 5)))
            ours = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0"
            self.assertEqual(run("schema", "check", ours), (0, f"{ours}: is part of the program\n", ""))
            one.status = 503
            code, out, _ = run("schema", "check", DOG, "--resolver", file)
            self.assertEqual((code, out.splitlines()), (1, [
                f"{DOG}: Acme: does not have it", f"{DOG}: Zoo: Unexpected server response: no",
                f"{DOG}: lvp embedded: does not have it"]))
            other.schemas["com.acme/dog/jsonschema/1-0-0"] = schema()
            code, out, _ = run("schema", "check", DOG, "--set", f"enrich.resolver={file}")
            self.assertIn(f"{DOG}: Acme: has it", out)
            self.assertIn("$schema is missing", out)
            self.assertEqual(run("schema", "check", "iglu:x")[0], 2)

    def test_events_as_the_analytics_sdks_show_them(self):
        with folder() as data:
            with Lvp(data) as lvp:
                page = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0"
                event = page_view((page, {"id": "e3a82b1d-e44e-4bbf-a797-672b4e879af3"}))
                lvp.post(payload(event))
                until(lambda: ids(lvp), "it is enriched")
                arguments = ["tail", "enriched", "--json", "--from-start", "--no-follow"]
                running = run(*arguments, "--url", lvp.private)
                self.assertEqual(running[0], 0, running)
                shown = json.loads(running[1])
                self.assertEqual((shown["event_id"], shown["contexts_com_snowplowanalytics_snowplow_web_page_1"]),
                                 (event["eid"], [{"id": "e3a82b1d-e44e-4bbf-a797-672b4e879af3"}]))
            self.assertEqual(run(*arguments, "--data", data), running)
            code, _, err = run("tail", "media", "--json", "--data", data)
            self.assertEqual((code, err), (2, "lvp: --json: media holds no events as the Analytics SDKs know them, "
                                              "enriched and incomplete do\n"))


if __name__ == "__main__":
    unittest.main()
