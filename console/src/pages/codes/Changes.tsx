// What was mapped by whom, the newest first.

import { Stack, Table, Text } from "@mantine/core";
import { useCodeChanges } from "../../api/codes.ts";
import { Answered } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { When } from "../../words/When.tsx";

export function Changes({ map }: { readonly map: string }) {
  const query = useCodeChanges(map);
  return (
    <Answered query={query} isEmpty={({ changes }) => changes.length === 0} empty="Nothing was changed yet.">
      {({ changes, isCut }) => (
        <Stack gap="xs">
          <Wide minWidth={680}>
            <Table aria-label="Changes">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Who</Table.Th>
                  <Table.Th>Source</Table.Th>
                  <Table.Th>Code</Table.Th>
                  <Table.Th>From</Table.Th>
                  <Table.Th>To</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {changes.map(({ system, code, target, replaced, by, at }) => (
                  <Table.Tr key={`${at} ${system} ${code}`}>
                    <Table.Td>
                      <When at={at} />
                    </Table.Td>
                    <Table.Td>{by}</Table.Td>
                    <Table.Td>{system}</Table.Td>
                    <Table.Td ff="monospace">{code}</Table.Td>
                    <Table.Td ff="monospace">
                      {replaced ?? (
                        <Text span inherit c="dimmed">
                          nothing
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td ff="monospace">{target}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
          {isCut && <Text c="dimmed">Only the newest {changes.length} are shown.</Text>}
        </Stack>
      )}
    </Answered>
  );
}
