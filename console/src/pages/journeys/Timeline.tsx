// A journey's steps in order: where its time went drawn to scale, and each step with what passed before it.

import { Badge, Group, Stack, Switch, Table, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { Journey, Milestone } from "../../api/journeys.ts";
import { Wide } from "../../tables/Wide.tsx";
import { isAside, stepWord } from "../../words/milestones.ts";
import { reasonOf } from "../../words/reasons.ts";
import { duration } from "../../words/time.ts";
import { When } from "../../words/When.tsx";
import { Code } from "../work/Code.tsx";
import { type Kind, type Stretch, stretchesOf, totalsOf } from "./waits.ts";

const route = getRouteApi("/journeys/$id");

const kinds: readonly { readonly kind: Kind; readonly said: string; readonly fill: string }[] = [
  { kind: "work", said: "at work", fill: "var(--mantine-color-blue-filled)" },
  { kind: "person", said: "waiting for a person", fill: "var(--mantine-color-yellow-4)" },
  { kind: "attempt", said: "waiting for the next attempt", fill: "var(--mantine-color-red-filled)" },
];

export function Timeline({ journey: { milestones = [], state } }: { readonly journey: Journey }) {
  const isWhole = route.useSearch().steps === "all";
  const navigate = route.useNavigate();
  const told = milestones.filter(({ name }) => !isAside(name));
  const shown = isWhole ? milestones : told;
  const stretches = stretchesOf(told, state === "complete" ? undefined : Date.now());
  return (
    <section aria-labelledby="timeline">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4" id="timeline">
          What happened
        </Title>
        <Switch
          label="Show every step"
          checked={isWhole}
          onChange={(event) => navigate({ search: event.currentTarget.checked ? { steps: "all" } : {}, replace: true })}
        />
      </Group>
      <Stack>
        {stretches.length > 0 && <Strip stretches={stretches} milestones={told} />}
        <Steps milestones={shown} />
      </Stack>
    </section>
  );
}

const WIDTH = 1_000;
const HEIGHT = 26;

/** All of it from left to right, to scale, with a mark at each step. */
function Strip({
  stretches,
  milestones,
}: {
  readonly stretches: readonly Stretch[];
  readonly milestones: readonly Milestone[];
}) {
  const from = stretches[0]!.fromMs;
  const whole = stretches.at(-1)!.toMs - from;
  const x = (ms: number): number => ((ms - from) / whole) * WIDTH;
  const totals = totalsOf(stretches);
  const told = kinds.filter(({ kind }) => totals[kind] > 0);
  return (
    <div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width="100%"
        height={HEIGHT}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {stretches.map(({ kind, fromMs, toMs }) => (
          <rect
            key={`${fromMs} ${toMs}`}
            x={x(fromMs)}
            width={Math.max(1, x(toMs) - x(fromMs))}
            y="4"
            height={HEIGHT - 8}
            fill={kinds.find((one) => one.kind === kind)!.fill}
          />
        ))}
        {milestones.map(({ at = "", name }, index) => (
          <line
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
            key={`${at} ${name} ${index}`}
            x1={x(Date.parse(at))}
            x2={x(Date.parse(at))}
            y1="0"
            y2={HEIGHT}
            stroke="currentColor"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <Group gap="lg">
        <Text fw={700}>{duration(whole)} in all</Text>
        {told.map(({ kind, said, fill }) => (
          <Group key={kind} gap={6}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" fill={fill} />
            </svg>
            <Text size="sm">
              {duration(totals[kind])} {said}
            </Text>
          </Group>
        ))}
      </Group>
    </div>
  );
}

const outcomes: Readonly<Record<string, string>> = {
  ok: "",
  waiting: "waits",
  applied: "the ERP was changed",
  unchanged: "nothing to change",
  superseded: "taken over by a later message",
  joined: "already proposed by another message",
  refused: "refused",
  expired: "nobody decided in time",
  ask: "a person has to decide",
  apply: "needs nobody",
  found: "found",
  none: "not found",
  late: "late",
  retry: "tried again later",
  create: "a new record",
  update: "an update",
  completed: "to its end",
};

function Steps({ milestones }: { readonly milestones: readonly Milestone[] }) {
  const times = milestones.map(({ at = "" }) => Date.parse(at));
  const waits = times.map((time, index) => (index === 0 ? 0 : time - times[index - 1]!));
  const longest = Math.max(1, ...waits);
  return (
    <Wide minWidth={720}>
      <Table verticalSpacing={6} aria-label="Steps">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>When</Table.Th>
            <Table.Th w={180}>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {milestones.map(({ at, part, name, outcome = "", code, attempt = 1 }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
            <Table.Tr key={`${at} ${part} ${name} ${index}`}>
              <Table.Td fw={700}>
                {stepWord(name)} {attempt > 1 && <Badge color="yellow">attempt {attempt}</Badge>}
              </Table.Td>
              <Table.Td>
                {[outcomes[outcome] ?? outcome, code && reasonOf(code)].filter(Boolean).join(": ")}{" "}
                {code && <Code of={code} said="" />}
              </Table.Td>
              <Table.Td>{part}</Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <When at={at} />
              </Table.Td>
              <Table.Td>
                {index > 0 && <Bar share={waits[index]! / longest} label={duration(waits[index]!)} />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Bar({ share, label }: { readonly share: number; readonly label: string }) {
  return (
    <svg width="170" height="18" role="img" aria-label={label}>
      <rect x="0" y="4" width={Math.max(1, share * 100)} height="10" fill="var(--mantine-color-blue-filled)" />
      <text x={Math.max(1, share * 100) + 6} y="14" fontSize="12" fill="currentColor">
        {label}
      </text>
    </svg>
  );
}
