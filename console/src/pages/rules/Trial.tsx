// One message tried on a text of the rules: what would be decided on each field, and who would have to agree.

import {
  Alert,
  Button,
  Checkbox,
  Group,
  SegmentedControl,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Tried, useTrial } from "../../api/rules.ts";
import { useSession } from "../../shell/session.tsx";
import { Failed } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { readable, wordOf } from "../../words/fields.ts";
import { Code } from "../work/Code.tsx";

const READERS = ["steward", "clinical-safety-officer"];

export function Trial({ name, text }: { readonly name: string; readonly text: string }) {
  const { roles } = useSession().person;
  const mayRead = roles.some((role) => READERS.includes(role));
  const [by, setBy] = useState<"message" | "journeyId">("message");
  const [given, setGiven] = useState("");
  const [asksNationally, setAsks] = useState(false);
  const trial = useTrial(name);
  const isMessage = by === "message";
  return (
    <Stack gap="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          trial.mutate(isMessage ? { text, message: given, asksNationally } : { text, journeyId: given.trim() });
        }}
      >
        <Stack gap="sm" maw={900} align="flex-start">
          <SegmentedControl
            aria-label="What is tried"
            value={by}
            onChange={(value) => {
              setBy(value as typeof by);
              setGiven("");
              trial.reset();
            }}
            data={[
              { value: "message", label: "A message that I paste" },
              { value: "journeyId", label: "A message that came" },
            ]}
          />
          {isMessage ? (
            <Textarea
              w="100%"
              label="Message"
              description="ADT about one person. It is decided on as things stand now, is not stored, and goes nowhere; that you tried one is recorded."
              value={given}
              onChange={(event) => setGiven(event.currentTarget.value)}
              styles={{
                input: { fontFamily: "var(--mantine-font-family-monospace)", whiteSpace: "pre", overflowX: "auto" },
              }}
              autosize
              minRows={5}
              maxRows={12}
              required
              spellCheck={false}
            />
          ) : (
            <TextInput
              w={420}
              maw="100%"
              label="Journey"
              description="Its id. It is decided again on what was decided on then."
              value={given}
              onChange={(event) => setGiven(event.currentTarget.value)}
              ff="monospace"
              required
            />
          )}
          {isMessage && mayRead && (
            <Checkbox
              label="Ask the national service"
              checked={asksNationally}
              onChange={(event) => setAsks(event.currentTarget.checked)}
            />
          )}
          <Group>
            <Button type="submit" loading={trial.isPending} disabled={given.trim() === ""}>
              Try it on this message
            </Button>
          </Group>
        </Stack>
      </form>
      {trial.isError && <Failed problem={problemOf(trial.error)} />}
      {trial.data && <Outcome tried={trial.data} mayRead={mayRead} />}
    </Stack>
  );
}

const verdicts: Readonly<Record<string, string>> = {
  same: "nothing to do",
  apply: "written at once",
  approve: "waits for an approver",
  steward: "waits for a steward",
  refuse: "never written",
};
const news: Readonly<Record<string, string>> = {
  changed: "",
  unchanged: "It says nothing that is not known. ",
  superseded: "Something newer is known. ",
  joined: "The same is proposed already. ",
};

function Outcome({
  tried: { whom, news: told = "changed", by, decided },
  mayRead,
}: {
  readonly tried: Tried;
  readonly mayRead: boolean;
}) {
  const { ask, person, rows = [] } = decided ?? {};
  return (
    <Stack gap="md" aria-live="polite">
      <Alert color={!decided || ask ? "yellow" : "green"} title={titleOf(decided)}>
        <Stack gap={4}>
          <Text>
            {news[told]}
            {whom === "doubtful" && "It is not certain whom it is about. "}
            {whom === "new" && "It would be a new person. "}
            <Code of={whom === "doubtful" ? by : person?.code} />
          </Text>
          {ask && (
            <Text>
              {ask.quorum === 1 ? "One person" : `${ask.quorum} different people`} of {ask.roles?.join(" or ")} would be
              asked, in the queue {ask.queue}: <Code of={ask.reason} />
            </Text>
          )}
          {!mayRead && <Text>You see what would be decided; values are for those who may read the person.</Text>}
        </Stack>
      </Alert>
      {rows.length > 0 && (
        <Wide minWidth={720}>
          <Table aria-label="What would be decided on each field">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                {mayRead && (
                  <>
                    <Table.Th>Current</Table.Th>
                    <Table.Th>Proposed</Table.Th>
                    <Table.Th>National</Table.Th>
                  </>
                )}
                <Table.Th>Would be</Table.Th>
                <Table.Th>Because</Table.Th>
                <Table.Th>Risk</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ field = "", current, proposed, national, verdict = "same", code, risk }) => (
                <Table.Tr key={field}>
                  <Table.Th scope="row">{wordOf(field)}</Table.Th>
                  {mayRead && (
                    <>
                      <Table.Td>{readable(field, current)}</Table.Td>
                      <Table.Td>{readable(field, proposed)}</Table.Td>
                      <Table.Td>{readable(field, national)}</Table.Td>
                    </>
                  )}
                  <Table.Td fw={700}>{verdicts[verdict]}</Table.Td>
                  <Table.Td>
                    <Code of={code} />
                  </Table.Td>
                  <Table.Td>{risk}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Stack>
  );
}

function titleOf(decided: Tried["decided"]): string {
  if (!decided) return "A steward would be asked first";
  if (decided.ask) return decided.ask.kind === "steward" ? "A steward would be asked" : "An approver would be asked";
  return decided.rows?.some(({ verdict }) => verdict === "apply") ? "Nobody would be asked" : "Nothing would change";
}
