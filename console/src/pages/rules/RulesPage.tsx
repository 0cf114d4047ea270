// Rules: what decisions rest on, and what another text would have decided otherwise.

import { Anchor, Stack, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useRules } from "../../api/rules.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";

export function RulesPage() {
  const rules = useRules();
  return (
    <Stack>
      <PageHead title="Rules">
        What decisions rest on. Choose one to read it, or to see what another text would have decided.
      </PageHead>
      <Answered query={rules} isEmpty={({ rules: all }) => all.length === 0} empty="No rules are in force.">
        {({ rules: all }) => (
          <Table aria-label="Rules">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>In force since</Table.Th>
                <Table.Th>Put by</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(({ name, version, at, by }) => (
                <Table.Tr key={name}>
                  <Table.Td>
                    <Anchor component={Link} to={`/rules/${name}`}>
                      {name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{version}</Table.Td>
                  <Table.Td>
                    <When at={at} />
                  </Table.Td>
                  <Table.Td>{by}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Answered>
    </Stack>
  );
}
