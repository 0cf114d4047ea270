// A journey's steps in order, with what passed between them drawn to scale.

import { Badge, Table } from "@mantine/core";
import type { Journey } from "../../api/journeys.ts";
import { duration } from "../../words/time.ts";
import { When } from "../../words/When.tsx";

export function Timeline({ journey: { milestones = [] } }: { readonly journey: Journey }) {
  const times = milestones.map(({ at = "" }) => Date.parse(at));
  const waits = times.map((time, index) => (index === 0 ? 0 : time - times[index - 1]!));
  const longest = Math.max(1, ...waits);
  return (
    <Table aria-label="Steps">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When</Table.Th>
          <Table.Th>Part</Table.Th>
          <Table.Th>Step</Table.Th>
          <Table.Th>Outcome</Table.Th>
          <Table.Th w={240}>After</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {milestones.map(({ at, part, name, outcome, code, attempt = 1 }, index) => (
          <Table.Tr key={`${at} ${part} ${name} ${attempt}`}>
            <Table.Td>
              <When at={at} />
            </Table.Td>
            <Table.Td>{part}</Table.Td>
            <Table.Td>
              {name} {attempt > 1 && <Badge color="gray">attempt {attempt}</Badge>}
            </Table.Td>
            <Table.Td>
              {outcome} {code && <Badge color="gray">{code}</Badge>}
            </Table.Td>
            <Table.Td>
              <Bar share={waits[index]! / longest} label={duration(waits[index]!)} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Bar({ share, label }: { readonly share: number; readonly label: string }) {
  return (
    <svg width="220" height="18" role="img" aria-label={label}>
      <rect x="0" y="4" width={Math.max(1, share * 140)} height="10" fill="var(--mantine-primary-color-filled)" />
      <text x={Math.max(1, share * 140) + 6} y="14" fontSize="12" fill="currentColor">
        {label}
      </text>
    </svg>
  );
}
