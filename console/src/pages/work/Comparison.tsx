// Field by field: what the ERP holds now, what is proposed, and what the national service says.

import { Badge, Table, Text } from "@mantine/core";

/** One field that is decided on. */
export type Row = {
  readonly field: string;
  readonly current?: unknown;
  readonly proposed?: unknown;
  readonly national?: unknown;
  readonly code?: string;
};

const words: Readonly<Record<string, string>> = {
  nhsNumber: "NHS number",
  nhsNumberStatus: "NHS number status",
  familyName: "Family name",
  givenName: "Given name",
  middleNames: "Middle names",
  birthDate: "Date of birth",
  addressLine1: "Address line 1",
  addressLine2: "Address line 2",
  gpPracticeCode: "GP practice",
  deathDate: "Date of death",
};

/** A field's name as people read it. */
export const wordOf = (field: string): string => words[field] ?? field.charAt(0).toUpperCase() + field.slice(1);

const text = (value: unknown): string =>
  value === undefined || value === null || value === ""
    ? "—"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

export function Comparison({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <Table.ScrollContainer minWidth={600}>
      <Table withTableBorder aria-label="What is decided on">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>ERP now</Table.Th>
            <Table.Th>Proposed</Table.Th>
            <Table.Th>National</Table.Th>
            <Table.Th>Finding</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ field, current, proposed, national, code }) => (
            <Table.Tr key={field}>
              <Table.Th scope="row">{wordOf(field)}</Table.Th>
              <Table.Td>{text(current)}</Table.Td>
              <Table.Td>
                <Text fw={700}>{text(proposed)}</Text>
              </Table.Td>
              <Table.Td>{text(national)}</Table.Td>
              <Table.Td>{code && <Badge color="gray">{code}</Badge>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
