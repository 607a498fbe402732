// The chart of the last 15 minutes, drawn by uPlot in the page's own colours.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { element } from "../../../shared/dom";
import { columns, series_max } from "../model/series";
import type { Point } from "../wire/api";

const height_px = 176;
const lines = [
  { name: "Watching", colour: "--playing", fill: true },
  { name: "In ads", colour: "--ad", fill: false },
  { name: "Paused", colour: "--paused", fill: false },
];

export class Chart {
  private plot: uPlot;
  private points: readonly Point[] = [];

  constructor(
    private readonly place: HTMLElement,
    legend: HTMLElement,
  ) {
    for (const { name, colour } of lines) {
      legend.append(element("li", { "data-colour": colour.slice(2) }, name));
    }
    this.plot = this.made();
    new ResizeObserver(() =>
      this.plot.setSize({ width: this.place.clientWidth, height: height_px }),
    ).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.plot.destroy();
      this.plot = this.made();
      this.draw(this.points);
    });
  }

  draw(points: readonly Point[]): void {
    this.points = points;
    this.plot.setData(columns(points));
  }

  private made(): uPlot {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--quiet"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width: Math.max(1, this.place.clientWidth),
      height: height_px,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: true, range: (_plot, _min, max) => [max - series_max, max] },
        y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] },
      },
      axes: [
        { ...axis, size: 28, space: 90, values: (_plot, ticks) => ticks.map(minute) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 5e4] },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.name,
          stroke: colour(line.colour),
          width: 2,
          points: { show: false },
          ...(line.fill ? { fill: `${colour(line.colour)}22` } : {}),
        })),
      ],
    };
    return new uPlot(options, columns(this.points), this.place);
  }
}

function minute(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
