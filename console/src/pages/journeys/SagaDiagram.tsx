// A saga as a picture: its steps from top to bottom, the way it went, and where it stands now.

import { Badge, Group, Text } from "@mantine/core";
import type { Saga } from "../../api/journeys.ts";
import { sagaStepWord, sagaWord } from "../../words/sagas.ts";
import { inLondon } from "../../words/time.ts";
import { chartOf, type Node, type Way } from "./flowchart.ts";

const BOX = { width: 150, height: 28, left: 120 } as const;
const ROW = 44;
const LANE = 16;
const WORD = 13;

const looks: Readonly<Record<string, { readonly fill: string; readonly stroke: string; readonly text: string }>> = {
  done: { fill: "var(--mantine-color-green-light)", stroke: "var(--mantine-color-green-filled)", text: "done" },
  now: { fill: "var(--mantine-color-yellow-light)", stroke: "var(--mantine-color-yellow-6)", text: "here now" },
  undone: { fill: "transparent", stroke: "var(--mantine-color-red-filled)", text: "taken back" },
  none: { fill: "transparent", stroke: "var(--mantine-color-dimmed)", text: "" },
};

const statuses: Readonly<Record<string, string>> = {
  completed: "green",
  waiting: "yellow",
  running: "blue",
  paused: "gray",
  stuck: "red",
};

export function SagaDiagram({ saga }: { readonly saga: Saga }) {
  const { nodes, ways } = chartOf(saga.diagram ?? "");
  const place = new Map(nodes.map(({ id }, index) => [id, index]));
  // Begin comes first and end last, as they are told.
  const order = [...nodes].sort((one, other) => rank(one, place) - rank(other, place));
  const row = new Map(order.map(({ id }, index) => [id, index]));
  const y = (id: string): number => (row.get(id) ?? 0) * ROW + 8;
  const span = ({ from, to }: Way): number => Math.abs((row.get(from) ?? 0) - (row.get(to) ?? 0));
  // The longest lie outside; words are drawn last, so that no line crosses them.
  const named = ways.filter(({ word, isSkip }) => word !== "" && !isSkip).sort((one, other) => span(one) - span(other));
  const skips = ways.filter(({ isSkip }) => isSkip);
  const height = order.length * ROW;
  const word = (step: string | undefined): string => sagaStepWord(saga.saga, step);
  const said = `${sagaWord(saga.saga)}: ${order.map(({ name, mark }) => (mark ? `${word(name)} ${looks[mark]!.text}` : word(name))).join(", ")}`;
  return (
    <figure style={{ margin: 0 }}>
      <Group gap="xs" component="figcaption" mb="xs">
        <Text fw={700}>{sagaWord(saga.saga)}</Text>
        <Badge color={statuses[saga.status ?? ""] ?? "gray"}>{saga.status}</Badge>
        {saga.step && <Text size="sm">stands at {word(saga.step)}</Text>}
      </Group>
      <svg width="100%" viewBox={`0 0 560 ${height}`} style={{ maxWidth: 640 }} role="img" aria-label={said}>
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 L8 4 L0 8 z" fill="currentColor" />
          </marker>
        </defs>
        {order.slice(1).map(({ id }, index) => (
          <line
            key={id}
            x1={BOX.left + BOX.width / 2}
            x2={BOX.left + BOX.width / 2}
            y1={y(order[index]!.id) + BOX.height}
            y2={y(id) - 1}
            stroke="currentColor"
            markerEnd="url(#tip)"
          />
        ))}
        {skips.map((way, index) => (
          <Arc key={`${way.from} ${way.to}`} way={way} y={y} x={BOX.left} lane={-(1 + (index % 4))} isDashed />
        ))}
        {named.map((way, index) => (
          <Arc
            key={`${way.from} ${way.to} ${way.word}`}
            way={way}
            y={y}
            x={BOX.left + BOX.width}
            lane={1 + index}
            line={named.slice(0, index).filter(({ from }) => from === way.from).length}
            isDashed={false}
          />
        ))}
        {order.map((node) => (
          <Step key={node.id} node={node} y={y(node.id)} saga={saga} />
        ))}
      </svg>
    </figure>
  );
}

const rank = ({ id }: Node, place: ReadonlyMap<string, number>): number =>
  id === "begin" ? -1 : id === "finish" ? Number.MAX_SAFE_INTEGER : (place.get(id) ?? 0);

function Step({
  node: { name, kind, mark },
  y,
  saga,
}: {
  readonly node: Node;
  readonly y: number;
  readonly saga: Saga;
}) {
  const look = looks[mark ?? "none"]!;
  const radius = kind === "wait" || kind === "end" ? BOX.height / 2 : 3;
  const times = (saga.journal ?? []).filter(({ step }) => step === name);
  return (
    <g>
      <title>
        {times
          .map(({ at, outcome, attempt }) =>
            [inLondon(at ?? ""), outcome, attempt && attempt > 1 ? `attempt ${attempt}` : ""].filter(Boolean).join(" "),
          )
          .join("; ")}
      </title>
      <rect x={BOX.left} y={y} width={BOX.width} height={BOX.height} rx={radius} fill="var(--mantine-color-body)" />
      <rect
        x={BOX.left}
        y={y}
        width={BOX.width}
        height={BOX.height}
        rx={radius}
        fill={look.fill}
        stroke={look.stroke}
        strokeWidth={mark === "now" ? 3 : 1.5}
      />
      <text
        x={BOX.left + BOX.width / 2}
        y={y + 18}
        textAnchor="middle"
        fontSize="13"
        fill="currentColor"
        fontWeight={mark === "now" ? 700 : 400}
      >
        {`${sagaStepWord(saga.saga, name)}${kind === "ask" ? "?" : ""}`}
        {times.length > 1 ? ` ×${times.length}` : ""}
      </text>
    </g>
  );
}

/** A way that leaves the straight line: out to a lane of its own, along it, and back in. */
function Arc({
  way: { from, to, word },
  y,
  x,
  lane,
  line = 0,
  isDashed,
}: {
  readonly way: Way;
  readonly y: (id: string) => number;
  readonly x: number;
  readonly lane: number;
  /** On which line its word stands: ways of one step have theirs one below the other. */
  readonly line?: number;
  readonly isDashed: boolean;
}) {
  const [start, end] = [y(from) + BOX.height / 2 + 4, y(to) + BOX.height / 2 - 4];
  const out = x + lane * LANE;
  return (
    <g>
      <path
        d={`M${x} ${start} H${out} V${end} H${x}`}
        fill="none"
        stroke="currentColor"
        strokeOpacity={isDashed ? 0.45 : 0.7}
        strokeDasharray={isDashed ? "3 3" : undefined}
        markerEnd="url(#tip)"
      />
      {!isDashed && (
        <text
          x={out + 4}
          y={start + 4 + line * WORD}
          fontSize="11"
          fill="currentColor"
          stroke="var(--mantine-color-body)"
          strokeWidth="4"
          paintOrder="stroke"
        >
          {word}
        </text>
      )}
    </g>
  );
}
