// Code maps: what codes of sources stand for in the ERP, and how much waits for those that stand for nothing yet.

import { Anchor, Stack, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type CodeMap, useCodeMaps } from "../../api/codes.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { mapWord } from "../../words/codes.ts";
import { count } from "../../words/counts.ts";
import { WaitingLines } from "./WaitingLines.tsx";

export function CodeMapsPage() {
  const maps = useCodeMaps();
  return (
    <Stack>
      <PageHead title="Code maps">What the codes of stock systems stand for in the ERP.</PageHead>
      <Answered query={maps} isEmpty={(all) => all.length === 0} empty="There are no code maps.">
        {(all) => <Maps maps={all} />}
      </Answered>
    </Stack>
  );
}

const Maps = ({ maps }: { readonly maps: readonly CodeMap[] }) => (
  <Wide minWidth={480}>
    <Table aria-label="Code maps">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Codes of</Table.Th>
          <Table.Th ta="right">Mapped</Table.Th>
          <Table.Th ta="right">Not mapped yet</Table.Th>
          <Table.Th>What waits</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {maps.map((one) => (
          <Table.Tr key={one.map}>
            <Table.Th scope="row">
              <Anchor component={Link} inherit to={`/codes/${one.map}`}>
                {mapWord(one.map)}
              </Anchor>
            </Table.Th>
            <Table.Td ta="right">{count(one.mapped)}</Table.Td>
            <Table.Td ta="right">{count(one.unmapped)}</Table.Td>
            <Table.Td>
              <WaitingLines map={one} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Wide>
);
