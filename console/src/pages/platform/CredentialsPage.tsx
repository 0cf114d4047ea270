// Certificates and secrets by name: when they end, and whether what is in use is fresh. Values are shown to nobody.

import { Badge, Stack, Table } from "@mantine/core";
import { type Credential, useCredentials } from "../../api/overview.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { many } from "../../words/counts.ts";
import { When } from "../../words/When.tsx";

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

export function CredentialsPage() {
  const credentials = useCredentials();
  return (
    <Stack>
      <PageHead title="Certificates and secrets">
        What the settings name, and when it ends. Values are in the secret store and are shown to nobody.
      </PageHead>
      <Answered
        query={credentials}
        isEmpty={({ credentials: all }) => all.length === 0}
        empty="The settings name no secrets and no certificates."
      >
        {({ credentials: all }) => (
          <Table aria-label="Certificates and secrets">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Kind</Table.Th>
                <Table.Th>Ends</Table.Th>
                <Table.Th>In use</Table.Th>
                <Table.Th>Last read</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...all].sort(byEnd).map(({ kind, name, expiresAt, readAt, versions, isStale }) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" ff="monospace" fw={400}>
                    {name}
                  </Table.Th>
                  <Table.Td>{kind}</Table.Td>
                  <Table.Td>
                    <End at={expiresAt} />
                  </Table.Td>
                  <Table.Td>{many(versions, "version")}</Table.Td>
                  <Table.Td>
                    {readAt ? <When at={readAt} isRelative /> : "at each use"}{" "}
                    {isStale && <Badge color="red">could not be read again</Badge>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Answered>
    </Stack>
  );
}

const byEnd = (one: Credential, other: Credential): number =>
  (one.expiresAt ?? "9999").localeCompare(other.expiresAt ?? "9999") || one.name.localeCompare(other.name);

function End({ at }: { readonly at: string | null }) {
  if (at === null) return "no end is set";
  const leftMs = Date.parse(at) - Date.now();
  return (
    <>
      <When at={at} />{" "}
      {leftMs <= 0 ? (
        <Badge color="red">has ended</Badge>
      ) : (
        leftMs < SOON_DAYS * DAY_MS && <Badge color="yellow">in {many(Math.ceil(leftMs / DAY_MS), "day")}</Badge>
      )}
    </>
  );
}
