// A line of an order as its sender wrote it; beside it what it became for the ERP, where that is known.

import { Badge, Group, Table } from "@mantine/core";
import { Wide } from "../../tables/Wide.tsx";
import { readable, wordOf } from "../../words/fields.ts";

/** A line as an item of work shows it. */
export type Line = {
  readonly order: string;
  readonly line: number;
  readonly item: string;
  readonly itemText?: string | undefined;
  readonly supplier: string | null;
  readonly unit: string;
  readonly location: string | null;
  readonly quantity: number;
  readonly neededBy: string | null;
};

const FIELDS = ["order", "line", "item", "quantity", "unit", "supplier", "location", "neededBy"] as const;

export function OrderLine({
  line,
  mapped,
  held,
  marked,
}: {
  readonly line: Line;
  /** In the ERP's codes. */
  readonly mapped?: Readonly<Record<string, string | null>> | undefined;
  /** What the ERP holds of it now. */
  readonly held?: Readonly<Record<string, string | number | null>> | undefined;
  /** Which fields stand in the way, and what is wrong with them. */
  readonly marked: { readonly fields: readonly string[]; readonly said: string };
}) {
  const heads = ["", "Ordered", ...(mapped ? ["For the ERP"] : []), ...(held ? ["In the ERP now"] : [])];
  return (
    <Wide minWidth={320}>
      <Table withTableBorder aria-label="The order line">
        {mapped && (
          <Table.Thead>
            <Table.Tr>
              {heads.map((head) => (
                <Table.Th key={head}>{head || <span className="visually-hidden">Field</span>}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
        )}
        <Table.Tbody>
          {FIELDS.map((field) => (
            <Table.Tr key={field}>
              <Table.Th scope="row">{wordOf(field)}</Table.Th>
              <Table.Td>
                <Group gap="xs" component="span">
                  <span>{readable(field, line[field])}</span>
                  {field === "item" && line.itemText && <span>{line.itemText}</span>}
                  {marked.fields.includes(field) && <Badge color="yellow">{marked.said}</Badge>}
                </Group>
              </Table.Td>
              {mapped && <Table.Td>{field in mapped ? readable(field, mapped[field]) : ""}</Table.Td>}
              {held && <Table.Td>{field in held ? readable(field, held[field]) : ""}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
