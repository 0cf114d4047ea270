// What a mended message changes: each field as it came and as it is proposed.

import { Alert, Table, Text } from "@mantine/core";
import { Wide } from "../../tables/Wide.tsx";
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

/** Said where not all of a message is shown. */
export function Withheld({ what }: { readonly what: string | undefined }) {
  if (!what) return null;
  return (
    <Alert color="yellow" title={what === "everything" ? "Nothing of it is shown" : "Part of it is not shown"}>
      It may tell where somebody is who must not be found. What reads ••• stays as it is.
    </Alert>
  );
}
