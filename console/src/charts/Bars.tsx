// Shares and counts as bars beside their numbers: the bar is for the eye, the number is what counts.

import { Table, Text } from "@mantine/core";
import { Drill } from "../tables/Drill.tsx";
import { Wide } from "../tables/Wide.tsx";
import { count } from "../words/counts.ts";

export type Bar = {
  readonly key: string;
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  /** A part of the value, shown darker. */
  readonly part?: number;
  /** Where its items are, and those of the part. */
  readonly to?: string;
  readonly partTo?: string;
  /** What else there is to say of it, under a head of its own. */
  readonly more?: string;
};

const WIDTH = 220;
const HEIGHT = 14;

export function Bars({
  label,
  bars,
  of,
  partOf,
  moreOf,
}: {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly of: string;
  readonly partOf?: string;
  readonly moreOf?: string;
}) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const x = (value: number): number => Math.max(value > 0 ? 2 : 0, (value / most) * WIDTH);
  return (
    <Wide minWidth={480}>
      <Table aria-label={label} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{label}</Table.Th>
            <Table.Th ta="right">{of}</Table.Th>
            {partOf && <Table.Th ta="right">{partOf}</Table.Th>}
            {moreOf && <Table.Th ta="right">{moreOf}</Table.Th>}
            <Table.Th w={WIDTH + 24}>
              <span className="visually-hidden">Picture</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bars.map(({ key, label: name, hint, value, part, to, partTo, more }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={400} miw={110}>
                {name}
                {hint && (
                  <Text size="sm" c="dimmed">
                    {hint}
                  </Text>
                )}
              </Table.Th>
              <Table.Td ta="right">
                <Items count={value} to={to} label={`${of}, ${name}: ${count(value)}`} />
              </Table.Td>
              {partOf && (
                <Table.Td ta="right">
                  <Items count={part ?? 0} to={partTo} label={`${partOf}, ${name}: ${count(part ?? 0)}`} />
                </Table.Td>
              )}
              {moreOf && <Table.Td ta="right">{more}</Table.Td>}
              <Table.Td>
                <svg width={WIDTH} height={HEIGHT} aria-hidden="true" display="block">
                  <rect
                    width={x(value)}
                    height={HEIGHT}
                    fill="var(--mantine-color-blue-filled)"
                    opacity={part === undefined ? 1 : 0.4}
                  />
                  {part !== undefined && (
                    <rect width={part > 0 ? x(part) : 0} height={HEIGHT} fill="var(--mantine-color-blue-filled)" />
                  )}
                </svg>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

const Items = ({
  count: value,
  to,
  label,
}: {
  readonly count: number;
  readonly to: string | undefined;
  readonly label: string;
}) =>
  to && value > 0 ? (
    <Drill to={to} label={label}>
      {count(value)}
    </Drill>
  ) : (
    count(value)
  );
