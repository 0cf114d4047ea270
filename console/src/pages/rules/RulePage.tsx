// One rule pack: its text in any version, changed or not, and what it would decide. Nothing is put in force here.

import { Button, Group, NativeSelect, Stack, Tabs, Textarea } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Rule, useRule, useRuleVersion } from "../../api/rules.ts";
import { useSession } from "../../shell/session.tsx";
import { Answered, Failed, PageHead } from "../../states/States.tsx";
import { inLondon } from "../../words/time.ts";
import { DryRun } from "./DryRun.tsx";
import { Trial } from "./Trial.tsx";

const route = getRouteApi("/rules/$name");
/** Who may have decisions made again by another text. */
const TRIERS = ["integration-engineer", "steward", "clinical-safety-officer"];
const useMayTry = (): boolean => useSession().person.roles.some((role) => TRIERS.includes(role));

export function RulePage() {
  const { name } = route.useParams();
  const mayTry = useMayTry();
  const rule = useRule(name);
  return (
    <Stack>
      <PageHead title={`Rules: ${name}`}>
        {mayTry
          ? "Change the text or take another version, and see what it would decide. Nothing is put in force."
          : "What decisions rest on, in any version."}
      </PageHead>
      <Answered query={rule}>{(whole) => <Editor key={whole.digest} rule={whole} />}</Answered>
    </Stack>
  );
}

function Editor({ rule: { name, text: inForce, version, history } }: { readonly rule: Rule }) {
  const { tab = "past" } = route.useSearch();
  const navigate = route.useNavigate();
  const mayTry = useMayTry();
  const [text, setText] = useState(inForce);
  const chosen = useRuleVersion(name);
  const versions = [...new Map(history.map((one) => [one.digest, one])).values()];
  return (
    <Stack gap="lg">
      <Stack gap="sm">
        {versions.length > 1 && (
          <NativeSelect
            label="Take the text of a version"
            maw={420}
            data={versions.map(({ digest, version: label, at }) => ({
              value: digest,
              label: `${label}, in force from ${inLondon(at)}`,
            }))}
            onChange={(event) =>
              chosen.mutate(event.currentTarget.value, { onSuccess: (taken) => setText(taken.text) })
            }
          />
        )}
        {chosen.isError && <Failed problem={problemOf(chosen.error)} />}
        <Textarea
          label="Text"
          description={`Version ${version} is in force.${text === inForce ? "" : " The text here is another."}`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          styles={{
            input: { fontFamily: "var(--mantine-font-family-monospace)", whiteSpace: "pre", overflow: "auto" },
          }}
          rows={14}
          spellCheck={false}
          readOnly={!mayTry}
          required={mayTry}
        />
        {text !== inForce && (
          <Group>
            <Button variant="subtle" onClick={() => setText(inForce)}>
              Back to what is in force
            </Button>
          </Group>
        )}
      </Stack>
      {mayTry && (
        <Tabs
          value={tab}
          onChange={(to) => navigate({ search: to === "message" ? { tab: to } : {}, replace: true })}
          keepMounted={false}
        >
          <Tabs.List>
            <Tabs.Tab value="past">On past decisions</Tabs.Tab>
            <Tabs.Tab value="message">On one message</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="past" pt="md">
            <DryRun name={name} text={text} />
          </Tabs.Panel>
          <Tabs.Panel value="message" pt="md">
            <Trial name={name} text={text} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Stack>
  );
}
