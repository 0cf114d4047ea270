// What an item's content says beside its rows, member by member.

import { Table } from "@mantine/core";
import { wordOf } from "./Comparison.tsx";

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export function Facts({ facts }: { readonly facts: Readonly<Record<string, unknown>> }) {
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== false);
  if (known.length === 0) return null;
  return (
    <Table variant="vertical" withTableBorder aria-label="More about it">
      <Table.Tbody>
        {known.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={200}>
              {wordOf(name)}
            </Table.Th>
            <Table.Td>{text(value)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
