// Field by field: what the ERP holds now, what is proposed, what the national service says; and what is taken of it.

import { Badge, Group, Radio, Stack, Table, Text } from "@mantine/core";
import { Wide } from "../../tables/Wide.tsx";
import { readable, wordOf } from "../../words/fields.ts";
import { reasonOf } from "../../words/reasons.ts";
import { When } from "../../words/When.tsx";

/** One field that is decided on. */
export type Row = {
  readonly field: string;
  readonly current?: unknown;
  readonly proposed?: unknown;
  readonly national?: unknown;
  /** Of a merge: what the record holds that goes. */
  readonly retired?: unknown;
  readonly source?: string;
  readonly saidAt?: string;
  readonly code?: string;
  readonly risk?: string;
};

/** Which fields may be refused one by one, and which are. */
export type Parts = {
  readonly offered: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  /** Those that are refused with others. */
  readonly tied: ReadonlySet<string>;
  set(field: string, isRefused: boolean): void;
};

const riskColours: Readonly<Record<string, string>> = { high: "red", medium: "yellow", low: "gray" };

export function Comparison({
  rows,
  parts,
  label = "What is decided on",
}: {
  readonly rows: readonly Row[];
  readonly parts?: Parts | undefined;
  readonly label?: string;
}) {
  const isMerge = rows.some((row) => "retired" in row);
  const hasSource = rows.some((row) => row.source !== undefined);
  return (
    <Wide minWidth={640}>
      <Table withTableBorder verticalSpacing="sm" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>{isMerge ? "Record that stays" : "ERP now"}</Table.Th>
            <Table.Th>{isMerge ? "After the merge" : "Proposed"}</Table.Th>
            <Table.Th>{isMerge ? "Record that goes" : "National"}</Table.Th>
            {hasSource && <Table.Th>Said by</Table.Th>}
            {!isMerge && <Table.Th>Finding and risk</Table.Th>}
            {parts && <Table.Th>Your choice</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <FieldRow key={row.field} row={row} isMerge={isMerge} hasSource={hasSource} parts={parts} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function FieldRow({
  row,
  isMerge,
  hasSource,
  parts,
}: {
  readonly row: Row;
  readonly isMerge: boolean;
  readonly hasSource: boolean;
  readonly parts: Parts | undefined;
}) {
  const { field, current, proposed, national, retired, source, saidAt, code, risk } = row;
  const isRefused = parts?.refused.has(field) === true;
  return (
    <Table.Tr>
      <Table.Th scope="row">{wordOf(field)}</Table.Th>
      <Table.Td>{readable(field, current)}</Table.Td>
      <Table.Td>
        <Text fw={700} td={isRefused ? "line-through" : undefined}>
          {readable(field, proposed)}
        </Text>
        {proposed !== undefined && proposed === current && (
          <Text size="sm" c="dimmed">
            as it is now
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {readable(field, isMerge ? retired : national)}
        {!isMerge && <Agreement proposed={proposed} national={national} />}
      </Table.Td>
      {hasSource && (
        <Table.Td>
          {source?.replace("|", ", ")}
          <Text size="sm" c="dimmed" component="div">
            {saidAt ? <When at={saidAt} isRelative /> : "just now"}
          </Text>
        </Table.Td>
      )}
      {!isMerge && (
        <Table.Td>
          <Stack gap={4} align="flex-start">
            <Text size="sm">{reasonOf(code) ?? code}</Text>
            {risk && <Badge color={riskColours[risk] ?? "gray"}>{risk} risk</Badge>}
          </Stack>
        </Table.Td>
      )}
      {parts && (
        <Table.Td>
          {parts.offered.has(field) && (
            <Radio.Group
              value={isRefused ? "refuse" : "accept"}
              onChange={(choice) => parts.set(field, choice === "refuse")}
              aria-label={`${wordOf(field)}: accept or refuse`}
            >
              <Group gap="sm" wrap="nowrap">
                <Radio value="accept" label="Accept" />
                <Radio value="refuse" label="Refuse" />
              </Group>
              {parts.tied.has(field) && (
                <Text size="sm" c="dimmed">
                  the address as one
                </Text>
              )}
            </Radio.Group>
          )}
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function Agreement({ proposed, national }: { readonly proposed: unknown; readonly national: unknown }) {
  const said = national === undefined || national === null ? undefined : national === proposed;
  if (said === undefined) return null;
  return (
    <Text size="sm" c="dimmed">
      {said ? "agrees with the proposal" : "differs from the proposal"}
    </Text>
  );
}
