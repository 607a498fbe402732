"""What bench/report understands of what benchmarks print, and what it leaves of a page."""

import json
import sys
import unittest

sys.dont_write_bytecode = True

import measured  # noqa: E402
from measured import Figure  # noqa: E402

COLLECT = """
                     requests of 1 event             requests of 20 events
                 /CPU second    lvp / it       events/CPU second    lvp / it
bare epoll             90000        0.30                 1000000        0.21
nginx                  40000        0.78                  600000        0.36
lvp                    27000        1.00                  210000        1.00
lvp / bare epoll: 0.30, target 0.5: missed
lvp / nginx: 1.10, target 1.0: met

lvp's p99 / (bare's + disk's): 44.0; target 5 ms: missed
"""

CHAIN = """
thread             CPU s   µs an event
profile             6.00         30.00
serve               0.01          0.10
the audience        2.00         10.00

5000 events/s for 60 s, all acknowledged after they were on the disk; sent late by at most 1500 ms; at most 300 MiB
lost 0, double 1, concurrency off by at most 0.050 %
from due to shown on /live: p50 20.0, p99 250.0, p99.9 300.0 ms
"""


def rates(**items):
    return json.dumps({"benchmarks": [{"name": name.replace("__", "/"), "items_per_second": rate}
                                      for name, rate in items.items()]})


class Figures(unittest.TestCase):
    def test_of_collect(self):
        self.assertEqual(measured.figures_of_collect(COLLECT), [
            Figure("requests per CPU second, lvp / bare epoll", "≥ 0.5", "0.30, missed"),
            Figure("requests per CPU second, lvp / nginx", "≥ 1.0", "1.10, met"),
            Figure("events per CPU second in batches, lvp / bare epoll", "", "0.21"),
            Figure("events per CPU second in batches, lvp / nginx", "", "0.36"),
            Figure("p99 at half of the peak, lvp / (bare epoll + disk)", "p99 ≤ 5 ms", "44.0, missed")])

    def test_of_overload(self):
        text = "peak     900 requests/s\nmemory   ok      at most 80 MiB\ngoodput  BROKEN  81% of the peak\n"
        self.assertEqual(measured.figures_of_overload(text), [
            Figure("memory", "ok", "ok: at most 80 MiB"), Figure("goodput", "ok", "BROKEN: 81% of the peak")])

    def test_of_the_chain(self):
        self.assertEqual(measured.figures_of_chain(CHAIN), [
            Figure("events a second, the audience included / target", "20000", "0.25"),
            Figure("sent late by at most / 60 s", "", "0.025"),
            Figure("lost and double", "0", "0 and 1"),
            Figure("concurrent viewers, once settled, off by at most", "0.1 %", "0.050 %"),
            Figure("share of an event's processor time: profile", "", "0.75"),
            Figure("share of an event's processor time: the audience", "", "0.25")])

    def test_of_half_of_what_the_chain_takes(self):
        self.assertEqual(measured.figures_of_half(CHAIN), [
            Figure("events a second / 20000", "", "0.25"),
            Figure("p99 from due to shown / target", "100 ms", "2.50"),
            Figure("lost and double", "0", "0 and 1"),
            Figure("concurrent viewers, once settled, off by at most", "0.1 %", "0.050 %")])

    def test_of_programs_of_google_benchmark(self):
        self.assertEqual(measured.figures_of_enrich(rates(whole__plain__1=96_000, step_json=1)), [
            Figure("events of one core / target, `whole/plain/1`", "80000 a second", "1.20")])
        self.assertEqual(measured.figures_of_bridge(rates(native__media=100, chain__script=7)), [
            Figure("events of a processor second, `chain/script` / `native/media`", "≥ 0.1", "0.07")])

    def test_of_formats(self):
        self.assertEqual(measured.figures_of_wire(rates(media__decode=10, media__copy=40)), [
            Figure("records of a processor second, `media/decode` / a copy of their bytes", "", "0.25")])

    def test_of_stores_medians_count(self):
        rows = [{"run_name": name + "/real_time", "aggregate_name": of, "items_per_second": rate}
                for name, of, rate in (("rocks/plain/1", "median", 3), ("rocks/plain/1", "mean", 9),
                                       ("file/plain/1", "median", 4), ("file/durable/1", "median", 2))]
        self.assertEqual(measured.figures_of_store(json.dumps({"benchmarks": rows})), [
            Figure("records a second, `rocks/plain/1` / `file/plain/1`", "", "0.75")])

    def test_of_fan_out(self):
        self.assertEqual(measured.figures_of_fan_out("bare 1 ns\nframes per CPU second, lvp / bare: 0.69\n"), [
            Figure("frames per CPU second, lvp / bare", "", "0.69")])

    def test_of_what_broke_off_there_are_none(self):
        for find in (measured.figures_of_collect, measured.figures_of_overload, measured.figures_of_chain,
                     measured.figures_of_half, measured.figures_of_fan_out):
            self.assertEqual(find("Traceback\n"), [])


class Page(unittest.TestCase):
    page = ("before\n<!-- report: a -->\n<!-- end of report -->\nbetween\n"
            "<!-- report: b -->\nold\n\n<!-- end of report -->\nafter\n")

    def test_only_what_is_between_its_marks_is_replaced(self):
        self.assertEqual(measured.replaced(self.page, "a", r"new \1"), self.page.replace(
            "<!-- report: a -->\n", "<!-- report: a -->\nnew \\1\n\n"))
        self.assertEqual(measured.replaced(self.page, "b", "new"), self.page.replace("old", "new"))

    def test_a_page_without_the_marks_is_refused(self):
        with self.assertRaises(ValueError):
            measured.replaced(self.page, "c", "new")

    def test_a_block_says_how_where_and_when(self):
        text = measured.block("bench/a.py", "2 × Model, Linux 6.1", "2026-02-03", [Figure("a / b", "≥ 1", "0.50")])
        self.assertEqual(text, "`bench/a.py` on 2026-02-03, 2 × Model, Linux 6.1:\n\n"
                               "| | target | measured |\n|---|--:|--:|\n| a / b | ≥ 1 | 0.50 |")
        self.assertEqual(measured.date_of(measured.written(measured.replaced(self.page, "a", text), "a")), "2026-02-03")
        self.assertIsNone(measured.date_of(measured.written(self.page, "a")))


if __name__ == "__main__":
    unittest.main()
