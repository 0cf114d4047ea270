// What a changed text would have decided otherwise in the last days.

import { Alert, Anchor, Button, Group, NumberInput, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { useDryRun } from "../../api/rules.ts";
import { Bars } from "../../charts/Bars.tsx";
import { Section } from "../../states/Section.tsx";
import { Failed } from "../../states/States.tsx";
import { count, many } from "../../words/counts.ts";
import { When } from "../../words/When.tsx";

const DAYS = 7;
const MOST_SHOWN = 50;

export function DryRun({ name, text }: { readonly name: string; readonly text: string }) {
  const [days, setDays] = useState(DAYS);
  const run = useDryRun(name);
  return (
    <Stack gap="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate({ text, days });
        }}
      >
        <Group align="end">
          <NumberInput
            label="Days back"
            value={days}
            onChange={(value) => setDays(Number(value) || DAYS)}
            min={1}
            max={366}
            w={120}
          />
          <Button type="submit" loading={run.isPending}>
            Try it on past decisions
          </Button>
        </Group>
      </form>
      {run.isError && <Failed problem={problemOf(run.error)} />}
      {run.data && (
        <Stack gap="lg" aria-live="polite">
          <Alert
            color={run.data.changed === 0 ? "green" : "yellow"}
            title={
              run.data.changed === 0
                ? "Nothing would change"
                : `${many(run.data.changed, "decision")} would come out otherwise`
            }
          >
            {many(run.data.decided, "decision")} of the last {many(days, "day")}{" "}
            {run.data.decided === 1 ? "was" : "were"} made again by this text.
          </Alert>
          {run.data.changed > 0 && (
            <Section title="By field">
              <Bars
                label="Field"
                of="Decisions"
                bars={Object.entries(run.data.byField).map(([field, value]) => ({ key: field, label: field, value }))}
              />
            </Section>
          )}
          {run.data.differences.length > 0 && (
            <Section
              title="Which outcomes change"
              hint={
                run.data.differences.length > MOST_SHOWN
                  ? `The first ${MOST_SHOWN} of ${count(run.data.differences.length)}.`
                  : ""
              }
            >
              <Table aria-label="Which outcomes change">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Decided</Table.Th>
                    <Table.Th>Field</Table.Th>
                    <Table.Th>Was</Table.Th>
                    <Table.Th>Would be</Table.Th>
                    <Table.Th>Journey</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {run.data.differences.slice(0, MOST_SHOWN).map(({ journeyId, at, field, was, would }) => (
                    <Table.Tr key={`${journeyId} ${field}`}>
                      <Table.Td>
                        <When at={at} />
                      </Table.Td>
                      <Table.Td>{field}</Table.Td>
                      <Table.Td>{was}</Table.Td>
                      <Table.Td>
                        <Text fw={700} inherit>
                          {would}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <Anchor component={Link} to={`/journeys/${journeyId}`}>
                          {journeyId.slice(-8)}
                        </Anchor>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Section>
          )}
        </Stack>
      )}
    </Stack>
  );
}
