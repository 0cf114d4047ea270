// Lines of the audit, each with the way to what it is about, and all of them as a file that others can check.

import { Anchor, Badge, Button, Group, Table, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Access } from "../../api/audit.ts";
import { bundleOf, download } from "../../api/evidence.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { lookWord } from "../../words/looks.ts";
import { stepWord } from "../../words/milestones.ts";
import { purposeWord } from "../../words/purposes.ts";
import { When } from "../../words/When.tsx";
import { Code } from "../work/Code.tsx";

const reviews: Readonly<Record<string, readonly [string, string]>> = {
  open: ["yellow", "not reviewed yet"],
  claimed: ["yellow", "under review"],
  justified: ["green", "justified"],
  unjustified: ["red", "not justified"],
};

/** A member of a leaf's detail as text; absent: nothing. */
const told = ({ detail }: Access, name: string): string | undefined => {
  const value = detail?.[name];
  return typeof value === "string" ? value : undefined;
};

export function Lines({ lines, about }: { readonly lines: readonly Access[]; readonly about: string }) {
  const bundle = useMutation({
    mutationFn: async () => download("audit.json", await bundleOf({ about, lines }, lines)),
  });
  const hasReview = lines.some(({ review }) => review !== undefined);
  return (
    <>
      <Group justify="space-between">
        <Text fw={700}>
          {lines.length} {lines.length === 1 ? "entry" : "entries"}
        </Text>
        <Button variant="default" onClick={() => bundle.mutate()} loading={bundle.isPending}>
          Download them with their proofs
        </Button>
      </Group>
      {bundle.isError && <Failed problem={problemOf(bundle.error)} />}
      <Wide minWidth={820}>
        <Table verticalSpacing={6} aria-label="Entries of the audit">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When</Table.Th>
              <Table.Th>Who</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Why</Table.Th>
              <Table.Th>Outcome</Table.Th>
              {hasReview && <Table.Th>Review</Table.Th>}
              <Table.Th>About</Table.Th>
              <Table.Th ta="right">Position</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => {
              const { position, at, actor, name, outcome, code, journeyId, review } = line;
              const purpose = told(line, "purpose");
              return (
                <Table.Tr key={position}>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>
                    <When at={at} />
                  </Table.Td>
                  <Table.Td>{actor ?? "Lockgate"}</Table.Td>
                  <Table.Td>{lookWord(told(line, "action")) ?? stepWord(name)}</Table.Td>
                  <Table.Td>
                    {[purpose && purposeWord(purpose), told(line, "reason")].filter(Boolean).join(": ")}
                  </Table.Td>
                  <Table.Td>
                    {outcome} <Code of={code} />
                  </Table.Td>
                  {hasReview && (
                    <Table.Td>
                      {review && <Badge color={reviews[review]?.[0] ?? "gray"}>{reviews[review]?.[1] ?? review}</Badge>}
                    </Table.Td>
                  )}
                  <Table.Td>
                    {journeyId && (
                      <Anchor component={Link} inherit to={`/journeys/${journeyId}`}>
                        The journey
                      </Anchor>
                    )}
                  </Table.Td>
                  <Table.Td ta="right" ff="monospace">
                    {position}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}
