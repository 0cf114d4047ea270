// What a mended message changes: each field as it came and as it is proposed.

import { Table, Text } from "@mantine/core";
import { Wide } from "../../tables/Wide.tsx";
import { Withheld } from "../journeys/Withheld.tsx";
import { type Difference, differencesOf } from "./differences.ts";

export function Differences({
  original,
  proposed,
  told,
}: {
  readonly original: string;
  readonly proposed: string;
  /** The places that the platform says differ. */
  readonly told?: readonly string[] | undefined;
}) {
  const all = differencesOf(original, proposed, told);
  if (all.length === 0) return <Text c="dimmed">Nothing is changed yet.</Text>;
  return (
    <Wide minWidth={560}>
      <Table verticalSpacing={6} aria-label="What is changed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>As it came</Table.Th>
            <Table.Th>As it is proposed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map((one) => (
            <Row key={one.place} of={one} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

const Row = ({ of: { place, name, before, after } }: { readonly of: Difference }) => (
  <Table.Tr>
    <Table.Th scope="row">
      <Text span ff="monospace">
        {place}
      </Text>{" "}
      {name}
    </Table.Th>
    <Table.Td ff="monospace" style={{ wordBreak: "break-all" }}>
      {before === undefined ? <Absent /> : <del>{before}</del>}
    </Table.Td>
    <Table.Td ff="monospace" style={{ wordBreak: "break-all" }}>
      {after === undefined ? <Absent /> : <ins>{after}</ins>}
    </Table.Td>
  </Table.Tr>
);

const Absent = () => (
  <Text span c="dimmed">
    empty
  </Text>
);

/** What is withheld of a message that is mended: it stays, unseen. */
export const StaysHidden = ({ what }: { readonly what: string | undefined }) => (
  <Withheld what={what}>
    <Text>What reads ••• stays as it is.</Text>
  </Withheld>
);
