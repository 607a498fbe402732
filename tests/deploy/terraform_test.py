"""The Terraform files, as far as they can be read without a provider: names resolve, and what they tell lvp is right."""

import json
import os
import re
import shutil
import subprocess
import unittest

from deployment import DEPLOY, PORTS, STAGES, checked, folder, settings, unknown_variables

FOLDER = DEPLOY / "terraform"
FILES = {path.name: path.read_text() for path in FOLDER.iterdir() if path.is_file()}
TERRAFORM = {name: re.sub(r"(?m)(^|\s)#.*$", "", text) for name, text in FILES.items() if name.endswith(".tf")}
ALL = "\n".join(TERRAFORM.values())
REPLACED = {"LVP__KAFKA__BROKERS": "broker:9094", "LVP__STREAMS__PARTITIONS": "12", "LVP__SINK__REGION": "eu-west-1",
            "LVP__SINK__EVENTS": "lvp-video_events", "LVP__SINK__PROFILES": "lvp-viewer_profiles"}


def rendered(template, values):
    """A template whose only directive is %{ if NAME != "" ~} … %{ endif ~}."""
    def kept(match):
        return match[2] if values[match[1]] != "" else ""
    text = re.sub(r'%\{ if (\w+) != "" ~\}\n(.*?)%\{ endif ~\}\n', kept, FILES[template], flags=re.S)
    return re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], text)


def environment():
    """Variables that each task is given; what Terraform computes is made up."""
    given = {name: json.loads(value) for name, value in re.findall(r'(LVP__\w+)\s+= ("(?:[^"\\]|\\.)*")\n', ALL)}
    computed = set(re.findall(r"(LVP__\w+)\s+= [^\"\s]", ALL))
    assert computed == set(REPLACED), computed
    return {**given, **REPLACED, "LVP__PRIVATE__TOKEN": "0123456789abcdef"}


class Names(unittest.TestCase):
    def test_every_variable_is_declared_described_and_used(self):
        declared = set(re.findall(r'^variable "(\w+)"', ALL, re.M))
        self.assertEqual(set(re.findall(r"\bvar\.(\w+)", ALL)), declared)
        for body in re.findall(r'^variable "\w+" \{\n(.*?)^\}', ALL, re.M | re.S):
            self.assertRegex(body, r"(?m)^  description = ")
            self.assertRegex(body, r"(?m)^  type ")

    def test_every_local_is_declared_and_used(self):
        blocks = re.findall(r"^locals \{\n(.*?)^\}", ALL, re.M | re.S)
        declared = {name for block in blocks for name in re.findall(r"^  (\w+)\s+=", block, re.M)}
        self.assertEqual(set(re.findall(r"\blocal\.(\w+)", ALL)), declared)

    def test_every_resource_and_source_that_is_read_is_declared(self):
        resources = set(re.findall(r'^resource "(\w+)" "(\w+)"', ALL, re.M))
        sources = set(re.findall(r'^data "(\w+)" "(\w+)"', ALL, re.M))
        self.assertLessEqual(set(re.findall(r"(?<![\w.\"])(aws_\w+)\.(\w+)", ALL)), resources)
        self.assertEqual(set(re.findall(r"\bdata\.(aws_\w+)\.(\w+)", ALL)), sources)

    def test_every_output_is_described(self):
        for body in re.findall(r'^output "\w+" \{\n(.*?)^\}', ALL, re.M | re.S):
            self.assertRegex(body, r"(?m)^  description = ")

    def test_templates_get_what_they_ask_for(self):
        for template in ("start.sh.tftpl", "lvp.toml.tftpl"):
            asked = set(re.findall(r"\$\{(?:replace\()?(\w+)(?=[,}])", FILES[template]))
            asked |= set(re.findall(r"%\{ if (\w+) ", FILES[template]))
            asked |= set(re.findall(r"log_group_name = (\w+)", FILES[template]))
            call = ALL[ALL.index(f"/{template}"):]
            missing = {name for name in asked if not re.search(rf"^\s+{name}\s+= ", call, re.M)}
            self.assertEqual(missing, set(), template)

    @unittest.skipUnless(shutil.which("terraform"), "there is no terraform")
    def test_terraform_would_format_them_so(self):
        done = subprocess.run(["terraform", "fmt", "-check", "-diff", str(FOLDER)], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class Program(unittest.TestCase):
    def test_it_takes_the_machines_configuration(self):
        for values in ({"events": "", "profiles": "", "region": ""},
                       {"events": "lvp-video_events", "profiles": "lvp-viewer_profiles", "region": "eu-west-1"}):
            with folder() as scratch:
                path = os.path.join(scratch, "lvp.toml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(rendered("lvp.toml.tftpl", values))
                code, out = checked("--config", path, environment={"LVP__PRIVATE__TOKEN": "0123456789abcdef"})
                self.assertEqual(code, 0, out)
                self.assertIn(f'sink.table = "{"dynamodb:" if values["events"] else ""}"', out)

    def test_it_takes_the_tasks_environment(self):
        self.assertEqual(unknown_variables(ALL), set())
        configuration = DEPLOY.parent / "config" / "distributed.toml"
        code, out = checked("--config", str(configuration), environment=environment())
        self.assertEqual(code, 0, out)
        self.assertIn('kafka.properties = {"security.protocol" = "SSL"}', out.replace("'", '"'))

    def test_stages_are_the_programs(self):
        named = re.search(r"keys\(var\.stages\)\) == toset\((\[.*?\])\)", ALL)[1]
        self.assertEqual(set(json.loads(named)), set(STAGES))

    def test_ports_are_the_usual(self):
        held = settings()
        doors = dict(re.findall(r"^    (\w+)\s+= \{ port = (\d+),", ALL, re.M))
        self.assertEqual(doors, {"collect": str(PORTS["collector"]), "serve": str(PORTS["private"])})
        self.assertEqual(held["collector.port"], doors["collect"])
        self.assertEqual(held["private.port"], doors["serve"])

    def test_the_balancer_closes_idle_connections_first(self):
        idle_s = int(re.search(r"idle_timeout\s+= (\d+)", ALL)[1])
        self.assertLess(idle_s, int(settings()["collector.idle_wait"].strip('"s')))

    def test_tables_and_rights_are_those_of_the_manual(self):
        manual = (DEPLOY.parent / "docs" / "sink.md").read_text()
        for table, keys in {"video_events": ["viewer_id", "collector_tstamp"],
                            "viewer_profiles": ["viewer", "device"]}.items():
            self.assertRegex(ALL, rf"{table}\s+= \[\"{keys[0]}\", \"{keys[1]}\"\]")
        row = re.search(r"^\| `dynamodb:DescribeTable`(.*?) \| writing \|$", manual, re.M)[0]
        wanted = {name.split(":")[-1] for name in re.findall(r"`([\w:]+)`", row)}
        self.assertEqual(set(re.findall(r'"dynamodb:(\w+)"', ALL)), wanted)


if __name__ == "__main__":
    unittest.main()
