// The person as a message states it, field by field, with where each came from.

import { Stack, Table, Text } from "@mantine/core";
import type { Stated } from "../../api/journeys.ts";
import { readable, wordOf } from "../../words/fields.ts";
import { Code } from "../work/Code.tsx";

export function StatedFields({
  fields,
  chosen,
  choose,
  isCut,
}: {
  readonly fields: readonly Stated[];
  readonly chosen: string | undefined;
  choose(field: string): void;
  /** Whether part of the message is not shown. */
  readonly isCut: boolean;
}) {
  return (
    <div>
      <Text fw={700}>As Lockgate reads it</Text>
      <Text size="sm" c="dimmed">
        Choose a field to see where it came from.
      </Text>
      <Table verticalSpacing={4} aria-label="The person as Lockgate reads it">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th>Came from</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map(({ field = "", value, at = [], codes = [] }) => (
            <Table.Tr key={field} {...(field === chosen ? { bg: "var(--mantine-color-blue-light)" } : {})}>
              <Table.Th scope="row">
                {at.length === 0 ? (
                  wordOf(field)
                ) : (
                  <button
                    type="button"
                    className="linked-text"
                    aria-pressed={field === chosen}
                    onClick={() => choose(field)}
                  >
                    {wordOf(field)}
                  </button>
                )}
              </Table.Th>
              <Table.Td style={{ wordBreak: "break-word" }}>
                <Stack gap={0}>
                  {value === undefined ? (isCut ? "not shown" : "not taken") : said(field, value)}
                  {codes.map((code) => (
                    <Text key={code} size="sm">
                      <Code of={code} />
                    </Text>
                  ))}
                </Stack>
              </Table.Td>
              <Table.Td ff="monospace">{at.join(", ") || "—"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

const said = (field: string, value: string | boolean | null): string =>
  value === null ? "removed" : readable(field, value);
