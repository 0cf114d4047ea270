// What the audit holds of a journey, whether it is proven here, and all of it as a file for others to check.

import { Anchor, Badge, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { bundleOf, download, proveLeaves } from "../../api/evidence.ts";
import { type Journey, type Leaf, useLeaves } from "../../api/journeys.ts";
import { problemOf } from "../../api/problem.ts";
import { readPinned } from "../../proofs/pinned.ts";
import { useSession } from "../../shell/session.tsx";
import { Answered, Failed } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { stepWord } from "../../words/milestones.ts";
import { When } from "../../words/When.tsx";

const READERS = ["auditor", "clinical-safety-officer"];

export function Evidence({ journey }: { readonly journey: Journey }) {
  const { roles } = useSession().person;
  const mayRead = roles.some((role) => READERS.includes(role));
  const leaves = useLeaves(journey.id ?? "", mayRead);
  if (!mayRead) return null;
  return (
    <section aria-labelledby="evidence">
      <Title order={2} size="h4" id="evidence" mb="xs">
        What the audit holds of it
      </Title>
      <Answered query={leaves} isEmpty={(all) => all.length === 0} empty="The audit holds nothing of it yet.">
        {(all) => <Leaves journey={journey} leaves={all} />}
      </Answered>
    </section>
  );
}

function Leaves({ journey, leaves }: { readonly journey: Journey; readonly leaves: readonly Leaf[] }) {
  const verifier = readPinned()?.verifier;
  const prove = useMutation({ mutationFn: () => proveLeaves(verifier ?? "", leaves) });
  const bundle = useMutation({
    mutationFn: async () => download(`evidence-${journey.id}.json`, await bundleOf({ journey }, leaves)),
  });
  const proven = prove.data;
  return (
    <Stack gap="sm">
      <Group>
        <Button
          variant="default"
          onClick={() => prove.mutate()}
          loading={prove.isPending}
          disabled={verifier === undefined}
        >
          Prove all {leaves.length} in this browser
        </Button>
        <Button variant="default" onClick={() => bundle.mutate()} loading={bundle.isPending}>
          Download the evidence
        </Button>
        {verifier === undefined && (
          <Text size="sm">
            To prove them,{" "}
            <Anchor component={Link} underline="always" to="/audit">
              give this browser the log's key
            </Anchor>{" "}
            first.
          </Text>
        )}
      </Group>
      {prove.isError && <Failed problem={problemOf(prove.error)} />}
      {bundle.isError && <Failed problem={problemOf(bundle.error)} />}
      <Wide minWidth={720}>
        <Table verticalSpacing={4} aria-labelledby="evidence">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Position</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Outcome</Table.Th>
              <Table.Th>Who</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th>Proof</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {leaves.map(({ position = 0, at, name, outcome, actor, code }) => (
              <Table.Tr key={position}>
                <Table.Td ff="monospace">{position}</Table.Td>
                <Table.Td>{stepWord(name)}</Table.Td>
                <Table.Td>{[outcome, code].filter(Boolean).join(", ")}</Table.Td>
                <Table.Td>{actor ?? "Lockgate"}</Table.Td>
                <Table.Td>
                  <When at={at} />
                </Table.Td>
                <Table.Td>
                  <Proof isProven={proven?.get(position)} isAsked={proven !== undefined} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}

function Proof({ isProven, isAsked }: { readonly isProven: boolean | undefined; readonly isAsked: boolean }) {
  if (!isAsked || isProven === undefined) return <Badge color="gray">not asked yet</Badge>;
  return isProven ? <Badge color="green">proven</Badge> : <Badge color="red">not in the signed log</Badge>;
}
