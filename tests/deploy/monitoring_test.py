"""Dashboard and alerts name metrics, labels and values that the program has."""

import json
import re
import unittest

import yaml
from deployment import DEPLOY, PORTS, ROOT, STAGES, folder, run

from lvp import Lvp, until

METRIC = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b(?!\s*\()")  # a word with _ that is no function
SELECTOR = re.compile(r'(\w+)\{([^}]*)\}')
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
OTHERS = {"node_filesystem_avail_bytes"}  # of node_exporter
# Only in processes that share a pipeline on Kafka or Kinesis, or with a sink: name → its labels.
ELSEWHERE = {"lvp_stage_lag_records": {"stage"}, "lvp_stage_lag_seconds": {"stage"}, "lvp_profile_partitions": set(),
             "lvp_sink_items_total": {"outcome"}}
STAGE_NAMES = {*STAGES, "resolve"}
DASHBOARD = json.loads((DEPLOY / "grafana" / "lvp.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())


def expressions():
    """(what it belongs to, PromQL) of every panel and alert."""
    panels = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return panels + [(rule["alert"], rule["expr"]) for group in ALERTS["groups"] for rule in group["rules"]]


def named(expression):
    """Metrics in an expression: what stands in selectors, ranges and groupings is none."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)", " ", expression)
    return set(METRIC.findall(bare))


def exported(text):
    """Metric → values of its labels, from the text that Prometheus reads."""
    metrics = {}
    for line in text.splitlines():
        if match := re.match(r"(\w+)(?:\{(.*)\})? \S+$", line):
            labels = metrics.setdefault(match[1], {})
            for name, value in re.findall(r'(\w+)="([^"]*)"', match[2] or ""):
                labels.setdefault(name, set()).add(value)
    return metrics


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with folder() as data, Lvp(data) as lvp:
            code, _, err = run("simulate", "--collector", lvp.collector, "--viewers", "20", "--duration", "1s")
            assert code == 0, err
            until(lambda: "lvp_collect_requests_total" in lvp.get("/metrics").body.decode(), "requests are counted")
            cls.metrics = exported(lvp.get("/metrics").body.decode())

    def test_every_metric_is_exported(self):
        sources = "\n".join(path.read_text() for path in (ROOT / "src" / "stages").glob("*.cc"))
        for title, expression in expressions():
            for name in named(expression) - OTHERS:
                with self.subTest(of=title, metric=name):
                    if name in ELSEWHERE:
                        self.assertIn(f'"{name}"', sources)
                    else:
                        self.assertIn(name, self.metrics)

    def test_every_label_exists(self):
        for title, expression in expressions():
            for name in named(expression) - OTHERS:
                known = ELSEWHERE[name] if name in ELSEWHERE else set(self.metrics[name])
                grouped = {label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", expression)
                           for label in labels.split(",")}
                with self.subTest(of=title, metric=name):
                    self.assertLessEqual(grouped, known | {"instance"})

    def test_every_value_of_a_label_exists(self):
        for title, expression in expressions():
            for name, matchers in SELECTOR.findall(expression):
                for label, _, pattern in MATCHER.findall(matchers):
                    if name in OTHERS or name == "up":
                        continue
                    values = self.metrics[name][label] | (STAGE_NAMES if label == "stage" else set())
                    with self.subTest(of=title, label=label):
                        self.assertLessEqual(set(pattern.split("|")), values)


class Files(unittest.TestCase):
    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in DASHBOARD["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertLessEqual(at["x"] + at["w"], 24)
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells
        self.assertEqual(len({panel["id"] for panel in DASHBOARD["panels"]}), len(DASHBOARD["panels"]))

    def test_every_alert_says_what_it_is_and_how_bad(self):
        for group in ALERTS["groups"]:
            for rule in group["rules"]:
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertTrue(rule["annotations"]["summary"])

    def test_the_program_is_scraped_where_it_listens(self):
        one = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
        jobs = {job["job_name"]: job for job in one["scrape_configs"]}
        self.assertEqual(jobs["lvp"]["static_configs"][0]["targets"], [f"localhost:{PORTS['private']}"])
        many = yaml.safe_load((DEPLOY / "prometheus" / "containers.yaml").read_text())
        found = many["scrape_configs"][0]["dns_sd_configs"][0]
        self.assertEqual(found["port"], PORTS["private"])
        self.assertEqual(set(found["names"]), {"lvp", *STAGES})
        self.assertEqual((one["rule_files"], many["rule_files"]), (["alerts.yaml"], ["alerts.yaml"]))


if __name__ == "__main__":
    unittest.main()
