// Who works here, and the ways to what each of them may do and has done.

import { Anchor, Button, Group, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useColleagues } from "../../api/access.ts";
import { problemOf } from "../../api/problem.ts";
import { maySearchAudit } from "../../shell/permits.ts";
import { useSession } from "../../shell/session.tsx";
import { Section } from "../../states/Section.tsx";
import { Empty, Failed, Loading } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { roleWord } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";
import { askedOf } from "./question.ts";

/** @param onAsk a way to what somebody may do is taken, whose answer stands elsewhere on the page */
export function Colleagues({ onAsk }: { readonly onAsk: () => void }) {
  const query = useColleagues();
  const maySearch = maySearchAudit(useSession().person.roles);
  const people = query.data?.pages.flatMap((page) => page.people) ?? [];
  return (
    <Section title="Who works here" hint="All who ever signed in, with the roles they had when they were here last.">
      {query.isPending && <Loading />}
      {query.isError && <Failed problem={problemOf(query.error)} retry={() => query.refetch()} />}
      {query.isSuccess && people.length === 0 && <Empty>Nobody has signed in yet.</Empty>}
      {people.length > 0 && (
        <Wide minWidth={820}>
          <Table aria-label="Who works here" verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>As the audit names them</Table.Th>
                <Table.Th>Roles</Table.Th>
                <Table.Th>Last seen</Table.Th>
                <Table.Th>Ask</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {people.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Th scope="row">{one.name}</Table.Th>
                  <Table.Td ff="monospace">{one.id}</Table.Td>
                  <Table.Td>{one.roles.length === 0 ? "none any more" : one.roles.map(roleWord).join(", ")}</Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>
                    <When at={one.seenAt} isRelative />
                  </Table.Td>
                  <Table.Td>
                    <Group gap="md" wrap="nowrap">
                      <Anchor component={Link} inherit to="/access" search={askedOf(one) as never} onClick={onAsk}>
                        What may they do?<span className="visually-hidden"> {one.name}</span>
                      </Anchor>
                      {maySearch && (
                        <Anchor
                          component={Link}
                          inherit
                          to="/audit"
                          search={{ show: "person", user: one.id, what: "did" } as never}
                        >
                          What they did<span className="visually-hidden"> {one.name}</span>
                        </Anchor>
                      )}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {query.hasNextPage && (
        <Button mt="sm" variant="default" onClick={() => query.fetchNextPage()} loading={query.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Section>
  );
}
