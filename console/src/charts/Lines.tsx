// Messages in, out and failed over time, as lines; and as a table for whoever would rather read, or hears the page.

import { Group, Text, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../api/overview.ts";

const HEIGHT = 180;
const london = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" });

/** Told apart by shape as well as by colour. */
const LINES = [
  { of: "received", label: "In", colour: { light: "#005eb8", dark: "#4d9de0" }, dash: [] },
  { of: "out", label: "Written to the ERP", colour: { light: "#007f3b", dark: "#3aac66" }, dash: [8, 4] },
  { of: "failed", label: "Failed", colour: { light: "#d5281b", dark: "#e8776c" }, dash: [2, 3] },
] as const;

const INK = { light: "#4c6272", dark: "#aeb7bd" } as const;
const GRID = { light: "#d8dde0", dark: "#3b4146" } as const;

const axis = (ink: string, grid: string): UPlot.Axis => ({
  stroke: ink,
  grid: { stroke: grid, width: 1 },
  ticks: { stroke: grid },
});

export function Lines({ series }: { readonly series: Series }) {
  const scheme = useComputedColorScheme("light");
  const { ref: sizer, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const data = useMemo((): UPlot.AlignedData => {
    const start = Date.parse(series.from) / 1_000;
    const at = series.received.map((_, index) => start + (index * series.stepMs) / 1_000);
    return [at, ...LINES.map(({ of }) => [...series[of]])];
  }, [series]);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    if (!host.current || width === 0) return;
    const made = new UPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_, _low, high) => [0, Math.max(5, high * 1.1)] } },
        axes: [
          { ...axis(INK[scheme], GRID[scheme]), values: (_, splits) => splits.map((at) => london.format(at * 1_000)) },
          { ...axis(INK[scheme], GRID[scheme]), size: 44 },
        ],
        series: [
          {},
          ...LINES.map(({ label, colour, dash }) => ({
            label,
            stroke: colour[scheme],
            width: 2,
            dash: [...dash],
            points: { show: false },
          })),
        ],
      },
      latest.current,
      host.current,
    );
    plot.current = made;
    return () => made.destroy();
  }, [scheme, width]);
  useEffect(() => plot.current?.setData(data), [data]);
  const sum = (of: (typeof LINES)[number]["of"]): number => series[of].reduce((all, one) => all + one, 0);
  const said = LINES.map(({ of, label }) => `${label}: ${sum(of)}`).join(", ");
  return (
    <div ref={sizer}>
      <Group gap="lg" mb={4} aria-hidden>
        {LINES.map(({ of, label, colour, dash }) => (
          <Group key={of} gap={6}>
            <svg width="28" height="8" aria-hidden="true">
              <line
                x1="0"
                x2="28"
                y1="4"
                y2="4"
                stroke={colour[scheme]}
                strokeWidth="3"
                strokeDasharray={dash.join(" ")}
              />
            </svg>
            <Text size="sm">{label}</Text>
          </Group>
        ))}
      </Group>
      <div ref={host} role="img" aria-label={`Messages in the last ${series.received.length} minutes. ${said}.`} />
    </div>
  );
}
