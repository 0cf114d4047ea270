// Why somebody may or may not do something: the question in words, and the policies that answer it.

import {
  Alert,
  Autocomplete,
  Button,
  Checkbox,
  Group,
  List,
  MultiSelect,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { type Explanation, type Question, useExplain, useQuestions } from "../../api/access.ts";
import { problemOf } from "../../api/problem.ts";
import { useSession } from "../../shell/session.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered, Failed, PageHead } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { whoMay } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";

const route = getRouteApi("/access");
/** What a work item is asked for most. */
const FIRST = "work.decide";

export function AccessPage() {
  const questions = useQuestions();
  return (
    <Stack>
      <PageHead title="Access">
        Ask why somebody may or may not do something. Everybody may ask about themselves; auditors, administrators and
        clinical safety officers ask about anybody.
      </PageHead>
      <Answered query={questions}>{(known) => <Asking {...known} />}</Answered>
    </Stack>
  );
}

type Obstacle = NonNullable<NonNullable<Explanation["item"]>["obstacle"]>;

type Known = {
  readonly actions: readonly { readonly name: string; readonly about: string }[];
  readonly roles: readonly string[];
  readonly purposes: readonly string[];
  readonly domains: readonly string[];
  /** Absent for those who may ask about nobody but themselves. */
  readonly people?: readonly Person[];
};

type Person = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly seenAt: string;
};

function Asking({ actions, roles, purposes, domains, people }: Known) {
  const { person } = useSession();
  const { item: about = "", action: asked = FIRST } = route.useSearch();
  const explain = useExplain();
  const [who, setWho] = useState(person.id);
  const [own, setOwn] = useState<string[]>([]);
  const [action, setAction] = useState(asked);
  const [purpose, setPurpose] = useState<string | null>("administration");
  const [domain, setDomain] = useState<string | null>("demographics");
  const [item, setItem] = useState(about);
  const [withReason, setWithReason] = useState(false);
  const [secondFactor, setSecondFactor] = useState(true);
  const kind = actions.find(({ name }) => name === action)?.about;
  const isOfWork = kind === "workItem" || kind === "workQueue";
  const ask = () =>
    explain.mutate({
      who: who.trim(),
      action,
      secondFactor,
      withReason,
      ...(own.length > 0 ? { roles: own as NonNullable<Question["roles"]> } : {}),
      ...(purpose ? { purpose: purpose as NonNullable<Question["purpose"]> } : {}),
      ...(isOfWork && domain ? { domain } : {}),
      ...(kind === "workItem" && item.trim() !== "" ? { item: item.trim() } : {}),
    });
  // Whoever comes from an item has asked already.
  const isAsked = useRef(false);
  useEffect(() => {
    if (about === "" || isAsked.current) return;
    isAsked.current = true;
    ask();
  });
  return (
    <Stack gap="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Stack gap="sm" maw={760}>
          <Group grow align="start">
            <Autocomplete
              label="Who"
              description="As the audit names them"
              data={people?.map(({ id }) => id) ?? []}
              value={who}
              onChange={setWho}
              required
            />
            <MultiSelect
              label="Roles"
              description="Leave it empty to take those they signed in with last"
              data={[...roles]}
              value={own}
              onChange={setOwn}
              clearable
              clearButtonProps={{ "aria-label": "No roles" }}
            />
          </Group>
          <Group grow align="start">
            <Autocomplete
              label="What they would do"
              data={actions.map(({ name }) => name)}
              value={action}
              onChange={setAction}
              required
            />
            <Select
              label="For what purpose"
              data={[...purposes]}
              value={purpose}
              onChange={setPurpose}
              clearable
              clearButtonProps={{ "aria-label": "No purpose" }}
            />
          </Group>
          {isOfWork && (
            <Group grow align="start">
              <Select
                label="Domain"
                description="Whose work it is"
                data={[...domains]}
                value={domain}
                onChange={setDomain}
                allowDeselect={false}
                disabled={kind === "workItem" && item.trim() !== ""}
              />
              {kind === "workItem" && (
                <TextInput
                  label="Work item"
                  description="Its id; then who proposed and chose is looked up"
                  value={item}
                  onChange={(event) => setItem(event.currentTarget.value)}
                  spellCheck={false}
                />
              )}
            </Group>
          )}
          <Group>
            <Checkbox
              label="They would give a reason in words"
              checked={withReason}
              onChange={(event) => setWithReason(event.currentTarget.checked)}
            />
            <Checkbox
              label="They signed in with a second factor"
              checked={secondFactor}
              onChange={(event) => setSecondFactor(event.currentTarget.checked)}
            />
          </Group>
          <Group>
            <Button type="submit" loading={explain.isPending} disabled={who.trim() === ""}>
              Ask
            </Button>
          </Group>
        </Stack>
      </form>
      {explain.isError && <Failed problem={problemOf(explain.error)} />}
      {explain.data && <Answer explanation={explain.data} action={action} />}
      {people && <People people={people} />}
    </Stack>
  );
}

function People({ people }: { readonly people: readonly Person[] }) {
  return (
    <Section title="Users" hint="Those who signed in within the last 30 days, with the roles they had then.">
      <Wide minWidth={560}>
        <Table aria-label="Users">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>As the audit names them</Table.Th>
              <Table.Th>Roles</Table.Th>
              <Table.Th>Last seen</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {people.map(({ id, name, roles, seenAt }) => (
              <Table.Tr key={id}>
                <Table.Th scope="row" fw={400}>
                  {name}
                </Table.Th>
                <Table.Td ff="monospace">{id}</Table.Td>
                <Table.Td>{roles.length === 0 ? "none any more" : roles.join(", ")}</Table.Td>
                <Table.Td>
                  <When at={seenAt} isRelative />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Section>
  );
}

function Answer({ explanation, action }: { readonly explanation: Explanation; readonly action: string }) {
  const { who, roles, allowed, obligations, permits, forbids, nearest, item } = explanation;
  return (
    <Stack gap="lg" aria-live="polite" maw={760}>
      <Alert color={allowed ? "green" : "red"} title={`${who} ${allowed ? "may" : "may not"} ${action}`}>
        {roles.length > 0
          ? `Asked as ${roles.join(", ")}.`
          : "Asked without any role: nobody of that name has signed in lately."}
        {obligations.length > 0 && ` It is owed for it: ${obligations.join(", ")}.`}
      </Alert>
      {item?.obstacle && (
        <Section title="What the item itself says">
          <Text>{inTheWay(item.obstacle, item.decidedBy)}</Text>
        </Section>
      )}
      {forbids.length > 0 && (
        <Section title="What forbids it" hint="A policy that forbids wins over any that permits.">
          <Policies
            all={forbids.map(({ id, says, needs }) => ({
              id,
              says,
              more: needs.length > 0 ? `It would take ${needs.join(", and ")}.` : "",
            }))}
          />
        </Section>
      )}
      {permits.length > 0 && (
        <Section
          title="What permits it"
          {...(item?.obstacle ? { hint: "The policies alone would permit it. The item does not." } : {})}
        >
          <Policies all={permits.map(({ id, says }) => ({ id, says, more: "" }))} />
        </Section>
      )}
      {!allowed && nearest.length > 0 && (
        <Section title="What would permit it">
          <Policies
            all={nearest.map(({ id, says, unmet = [] }) => ({ id, says, more: `Missing: ${unmet.join(", and ")}.` }))}
          />
        </Section>
      )}
      {!allowed && forbids.length + permits.length + nearest.length === 0 && (
        <Text>No policy permits it to anybody of that kind.</Text>
      )}
    </Stack>
  );
}

/** Why an item is not theirs to decide, whatever the policies say. */
function inTheWay(obstacle: Obstacle, decidedBy: readonly string[]): string {
  switch (obstacle) {
    case "closed":
      return "Nobody is asked any more: it is decided, no longer needed, or was left too long.";
    case "claimed":
      return "Somebody else has taken it on.";
    case "excluded":
      return "They brought it about, so somebody else decides.";
    case "role":
      return `It is decided by ${whoMay(decidedBy)}.`;
    case "blind":
      return "They have decided on this before. A second opinion is somebody else's.";
  }
}

function Policies({
  all,
}: {
  readonly all: readonly { readonly id: string; readonly says: string; readonly more: string }[];
}) {
  return (
    <List spacing="xs">
      {all.map(({ id, says, more }) => (
        <List.Item key={id}>
          {says}{" "}
          {more && (
            <Text span fw={700}>
              {more}
            </Text>
          )}
          <Text size="sm" c="dimmed" ff="monospace">
            {id}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
