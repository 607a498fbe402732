"""The pure part of bench/report: figures in what benchmarks print, and the blocks of a page that they are written to."""

import json
import re
from typing import NamedTuple


class Figure(NamedTuple):
    """A row of a table: a ratio to what runs beside it, or a share of a target."""

    name: str
    target: str
    measured: str


def ratio(value):
    return f"{value:.2f}"


def figures_of_collect(text):
    rows = re.findall(r"^lvp / (.+): ([\d.]+), target ([\d.]+): (\w+)$", text, re.MULTILINE)
    figures = [Figure(f"requests per CPU second, lvp / {name}", f"≥ {target}", f"{value}, {verdict}")
               for name, value, target, verdict in rows]
    for name in ("bare epoll", "nginx"):
        found = re.search(rf"^{name} +[\d.]+ +[\d.]+ +[\d.]+ +([\d.]+)$", text, re.MULTILINE)
        figures += [Figure(f"events per CPU second in batches, lvp / {name}", "", value)
                    for value in found.groups()] if found else []
    late = re.search(r"^lvp's p99 / \(bare's \+ disk's\): ([\d.]+); target ([\d.]+ ms): (\w+)$", text, re.MULTILINE)
    if late:
        figures.append(Figure("p99 at half of the peak, lvp / (bare epoll + disk)", f"p99 ≤ {late[2]}",
                              f"{late[1]}, {late[3]}"))
    return figures


def figures_of_overload(text):
    rows = re.findall(r"^(memory|goodput|answers|kept) +(ok|BROKEN) +(.+)$", text, re.MULTILINE)
    return [Figure(name, "ok", f"{verdict}: {said}") for name, verdict, said in rows]


CHAIN_EVENTS_A_SECOND = 20_000
CHAIN_P99_MS = 100


def figures_of_chain(text):
    """As much as the machine takes."""
    rate = re.search(r"^(\d+) events/s for (\d+) s.* sent late by at most (\d+) ms;", text, re.MULTILINE)
    wrong = figures_of_what_is_wrong(text)
    if not (rate and wrong):
        return []
    return [Figure("events a second, the audience included / target", f"{CHAIN_EVENTS_A_SECOND}",
                   ratio(int(rate[1]) / CHAIN_EVENTS_A_SECOND)),
            Figure(f"sent late by at most / {rate[2]} s", "", f"{int(rate[3]) / 1000 / int(rate[2]):.3f}"),
            *wrong, *chain_shares(text)]


def figures_of_half(text):
    """Half of it."""
    rate = re.search(r"^(\d+) events/s for", text, re.MULTILINE)
    wrong = figures_of_what_is_wrong(text)
    shown = re.search(r"^from due to shown on /live: .*p99 ([\d.]+),", text, re.MULTILINE)
    if not (rate and wrong and shown):
        return []
    return [Figure(f"events a second / {CHAIN_EVENTS_A_SECOND}", "", ratio(int(rate[1]) / CHAIN_EVENTS_A_SECOND)),
            Figure("p99 from due to shown / target", f"{CHAIN_P99_MS} ms", ratio(float(shown[1]) / CHAIN_P99_MS)),
            *wrong]


def figures_of_what_is_wrong(text):
    wrong = re.search(r"^lost (\d+), double (\d+), concurrency off by at most ([\d.]+ %)$", text, re.MULTILINE)
    return [Figure("lost and double", "0", f"{wrong[1]} and {wrong[2]}"),
            Figure("concurrent viewers, once settled, off by at most", "0.1 %", wrong[3])] if wrong else []


def chain_shares(text):
    table = text.partition("µs an event\n")[2].partition("\n\n")[0]
    costs = [(name.strip(), float(value))
             for name, value in re.findall(r"^(.{16}) *[\d.]+ +([\d.]+)$", table, re.MULTILINE)]
    total = sum(value for _, value in costs)
    return [Figure(f"share of an event's processor time: {name}", "", ratio(value / total))
            for name, value in costs if value / total >= 0.01]


def rates_of_google_benchmark(text):
    """Items of a processor second by the benchmark's name."""
    return {row["name"]: row["items_per_second"] for row in json.loads(text)["benchmarks"] if "items_per_second" in row}


def figures_of_enrich(text):
    target = 80_000
    return [Figure(f"events of one core / target, `{name}`", f"{target} a second", ratio(rate / target))
            for name, rate in rates_of_google_benchmark(text).items() if name.startswith("whole/")]


def figures_of_bridge(text):
    rates = rates_of_google_benchmark(text)
    pairs = [("chain/script", "native/media", "≥ 0.1"), ("chain/to_json", "native/media", "")]
    return [Figure(f"events of a processor second, `{above}` / `{below}`", target, ratio(rates[above] / rates[below]))
            for above, below, target in pairs if above in rates and below in rates]


def figures_of_wire(text):
    rates = rates_of_google_benchmark(text)
    return [Figure(f"records of a processor second, `{name}` / a copy of their bytes", "",
                   ratio(rate / rates[name.partition("/")[0] + "/copy"]))
            for name, rate in rates.items() if not name.endswith("/copy")]


def figures_of_store(text):
    """Of the medians of repetitions: a disk is fast and slow by turns."""
    rates = {row["run_name"].removesuffix("/real_time"): row["items_per_second"]
             for row in json.loads(text)["benchmarks"] if row.get("aggregate_name") == "median"}
    return [Figure(f"records a second, `{name}` / `{floor}`", "", ratio(rates[name] / rates[floor]))
            for records in ("1", "100")
            for name, floor in ((f"rocks/durable/{records}", f"file/durable/{records}"),
                                (f"rocks/plain/{records}", f"file/plain/{records}"),
                                (f"memory/{records}", f"file/plain/{records}"))
            if name in rates and floor in rates]


def figures_of_fan_out(text):
    found = re.search(r"^frames per CPU second, lvp / bare: ([\d.]+)$", text, re.MULTILINE)
    return [Figure("frames per CPU second, lvp / bare", "", found[1])] if found else []


def table(figures):
    lines = ["| | target | measured |", "|---|--:|--:|"]
    return "\n".join(lines + [f"| {row.name} | {row.target} | {row.measured} |" for row in figures])


def block(command, machine, date, figures):
    return f"`{command}` on {date}, {machine}:\n\n{table(figures)}"


BLOCK = r"<!-- report: {name} -->\n(.*?)<!-- end of report -->"


def written(page, name):
    """What stands between the marks of `name`; None without such marks."""
    found = re.search(BLOCK.format(name=re.escape(name)), page, re.DOTALL)
    return found[1].strip() if found else None


def replaced(page, name, text):
    """The page with `text` between the marks of `name`. ValueError without such marks."""
    if written(page, name) is None:
        raise ValueError(f"the page has no marks of {name}")
    new = f"<!-- report: {name} -->\n{text}\n\n<!-- end of report -->"
    return re.sub(BLOCK.format(name=re.escape(name)), lambda _: new, page, flags=re.DOTALL)


def date_of(text):
    """When a block was measured, as its first line has it; None if it never was."""
    found = re.search(r" on (\d{4}-\d\d-\d\d), ", text or "")
    return found[1] if found else None
