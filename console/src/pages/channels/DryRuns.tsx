// What changed texts of a channel would have made otherwise of past messages: found on the installation's machine, shown here.

import { Alert, Anchor, Code, Select, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type DryRun, useDefinition, useDryRuns } from "../../api/channels.ts";
import { Bars } from "../../charts/Bars.tsx";
import { CodeText } from "../../states/CodeText.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { count, many } from "../../words/counts.ts";
import { inLondon } from "../../words/time.ts";
import { When } from "../../words/When.tsx";
import { linesOf } from "./lines.ts";

const MOST_SHOWN = 50;

type Change = DryRun["differences"][number]["changes"][number];

const KINDS: Readonly<Record<Change["kind"], string>> = {
  refused: "Went through, would fail",
  accepted: "Failed, would go through",
  fault: "Failed, would fail otherwise",
  count: "Other number of onward messages",
  destination: "Other destination",
  session: "Other order",
  keys: "Found by other names",
  content: "Other content",
};

export function DryRuns({ name }: { readonly name: string }) {
  const runs = useDryRuns(name);
  return (
    <Stack mt="xl">
      <Section
        title="Changes tried on past messages"
        hint="A changed file is tried before it is deployed; nothing comes of it."
      >
        <Answered
          query={runs}
          isEmpty={(answer) => answer.runs.length === 0}
          empty={
            <>
              No change was tried yet. On the machine of the installation:{" "}
              <Code>lockgate channel dry-run {"<file>"}</Code>
            </>
          }
        >
          {(answer) => <Runs name={name} runs={answer.runs} />}
        </Answered>
      </Section>
    </Stack>
  );
}

function Runs({ name, runs }: { readonly name: string; readonly runs: readonly DryRun[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const run = runs.find(({ id }) => id === chosen) ?? runs[0]!;
  return (
    <Stack gap="lg">
      <Select
        label="Tried"
        data={runs.map(({ id, at, file, changed }) => ({
          value: id,
          label: `${inLondon(at)}, ${file}: ${count(changed)} changed`,
        }))}
        value={run.id}
        onChange={setChosen}
        allowDeselect={false}
        maw={520}
      />
      <Found run={run} />
      {run.changed > 0 && <Kinds run={run} />}
      {run.differences.length > 0 && <Differences run={run} />}
      <TriedText name={name} run={run} />
    </Stack>
  );
}

function Found({ run }: { readonly run: DryRun }) {
  const { changed, messages, received, since, until, deployed, startedAt, by } = run;
  return (
    <Alert
      color={changed === 0 ? "green" : "yellow"}
      title={changed === 0 ? "Nothing would change" : `${many(changed, "message")} would come out otherwise`}
    >
      <Text size="sm">
        {many(messages, "message")} that came from <When at={since} /> until <When at={until} /> were judged by this
        text and by the version {deployed.slice(0, 8)} that was deployed. Tried by: {by}.
      </Text>
      {received > messages && (
        <Text size="sm">
          {many(received - messages, "more message")} cannot be judged again: their content is not kept.
        </Text>
      )}
      <Text size="sm">
        {startedAt === null ? (
          "This text was never deployed."
        ) : (
          <>
            This text was first at work <When at={startedAt} />.
          </>
        )}
      </Text>
    </Alert>
  );
}

function Kinds({ run: { byKind, byPath } }: { readonly run: DryRun }) {
  const barsOf = (counts: Readonly<Record<string, number>>, wordsOf: (key: string) => string) =>
    Object.entries(counts).map(([key, value]) => ({ key, label: wordsOf(key), value }));
  return (
    <>
      <Bars label="Kind of change" of="Messages" bars={barsOf(byKind, (kind) => KINDS[kind as Change["kind"]])} />
      {Object.keys(byPath).length > 0 && (
        <Bars label="Content at" of="Messages" bars={barsOf(byPath, (path) => path)} />
      )}
    </>
  );
}

function Differences({ run: { differences, changed } }: { readonly run: DryRun }) {
  const shown = differences.slice(0, MOST_SHOWN);
  return (
    <>
      {changed > shown.length && (
        <Text size="sm" c="dimmed">
          The newest {shown.length} of {count(changed)}.
        </Text>
      )}
      <Wide minWidth={640}>
        <Table aria-label="Which messages would come out otherwise">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Received</Table.Th>
              <Table.Th>Change</Table.Th>
              <Table.Th>Journey</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ journeyId, at, changes }) => (
              <Table.Tr key={journeyId}>
                <Table.Td>
                  <When at={at} />
                </Table.Td>
                <Table.Td>
                  {changes.map((change) => (
                    <Text key={change.kind} size="sm">
                      {sentenceOf(change)}
                    </Text>
                  ))}
                </Table.Td>
                <Table.Td>
                  <Anchor component={Link} underline="always" to={`/journeys/${journeyId}`}>
                    {journeyId.slice(-8)}
                  </Anchor>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}

function sentenceOf({ kind, was, would, paths }: Change): string {
  const sides = was === null && would === null ? "" : `: was ${was || "nothing"}, would be ${would || "nothing"}`;
  return `${KINDS[kind]}${sides}${paths.length > 0 ? `: ${paths.join(", ")}` : ""}`;
}

/** The text that was tried, beside the deployed one where that is still told. */
function TriedText({ name, run }: { readonly name: string; readonly run: DryRun }) {
  const definition = useDefinition(name);
  const before = definition.data?.versions.find(({ digest }) => digest === run.deployed);
  return <CodeText label={`Text of ${run.file} that was tried`} lines={linesOf(before?.text ?? run.text, run.text)} />;
}
