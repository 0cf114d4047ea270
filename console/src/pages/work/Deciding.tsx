// What may be done about an item: take it on, choose, say why, ask for more.

import { Alert, Anchor, Button, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Action, type Item, useDeed, useWork, waits } from "../../api/work.ts";
import { isOffered } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { Failed } from "../../states/States.tsx";
import { actionWord, whoMay } from "../../words/deeds.ts";
import { Assign } from "./Assign.tsx";
import { WhyNot } from "./WhyNot.tsx";

/** What keeps a person from deciding; undefined where nothing does. */
function obstacleOf(
  item: Item,
  person: { readonly id: string; readonly roles: readonly string[] },
): string | undefined {
  if (item.excluded?.includes(person.id)) return "You brought this about, so somebody else decides.";
  if (item.state === "claimed" && item.owner !== person.id) return `${item.owner} has taken this on.`;
  if (mine(item, person.roles).length === 0)
    return `This is decided by ${whoMay([...new Set((item.actions ?? []).flatMap(({ roles = [] }) => roles))])}.`;
  return undefined;
}

const mine = (item: Item, roles: readonly string[]): readonly Action[] =>
  (item.actions ?? []).filter((one) => !one.roles?.length || one.roles.some((role) => roles.includes(role)));

export function Deciding({
  item,
  refused = [],
  effects,
  isAlone = false,
}: {
  readonly item: Item;
  /** The way that settles it for all others too stands above: this is about the one alone. */
  readonly isAlone?: boolean;
  /** Parts that are refused while the rest is approved. */
  readonly refused?: readonly string[];
  /** What comes of the decision, told before it is made. */
  readonly effects?: ReactNode;
}) {
  const { person } = useSession();
  const deed = useDeed(item.id ?? "");
  const [comment, setComment] = useState("");
  if (!waits(item)) return <Decided item={item} />;
  const obstacle = obstacleOf(item, person);
  const chosen = (item.history ?? []).filter(({ deed: done, by }) => done === "chose" && by === person.id);
  const said = comment.trim() === "" ? {} : { comment: comment.trim() };
  return (
    <section aria-labelledby="deciding">
      <Title order={2} size="h4" id="deciding" mb="xs">
        {isAlone ? "Decide this one alone" : "Decide"}
      </Title>
      <Stack gap="sm" maw={760}>
        {effects}
        {chosen.map(({ action }) => (
          <Alert
            key={action}
            title={`You chose: ${actionWord(action ?? "")}`}
            role="status"
            tabIndex={-1}
            ref={keepFocus}
          >
            Somebody else has to choose the same before it is done.
          </Alert>
        ))}
        {obstacle && (
          <Alert title="You cannot decide this">
            <Stack gap={4} align="flex-start">
              {obstacle}
              <WhyNot id={item.id ?? ""} />
            </Stack>
          </Alert>
        )}
        <Textarea
          label="Why"
          description="Stays with the item. Do not repeat personal details here."
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
        />
        {!obstacle && (
          <Choices
            actions={mine(item, person.roles).filter(({ name }) => chosen.every(({ action }) => action !== name))}
            refused={refused}
            isQuiet={isAlone}
            isPending={deed.isPending}
            choose={({ name = "", parts }) =>
              deed.mutate({
                name: "decide",
                action: name,
                digest: item.digest ?? "",
                ...(parts && refused.length > 0 ? { refused } : {}),
                ...said,
              })
            }
          />
        )}
        <Group gap="xs">
          {item.state === "open" && !obstacle && (
            <Button variant="default" size="xs" onClick={() => deed.mutate({ name: "claim" })}>
              Take it on
            </Button>
          )}
          {item.state === "claimed" && item.owner === person.id && (
            <Button variant="default" size="xs" onClick={() => deed.mutate({ name: "release" })}>
              Give it back
            </Button>
          )}
          {(item.state === "open" || item.owner === person.id) && (
            <Assign item={item} me={person.id} isPending={deed.isPending} doIt={(one) => deed.mutate(one)} />
          )}
          {!obstacle && (
            <Button
              variant="default"
              size="xs"
              disabled={comment.trim() === ""}
              onClick={() =>
                deed.mutate({ name: "inquire", comment: comment.trim() }, { onSuccess: () => setComment("") })
              }
            >
              Ask for what is missing
            </Button>
          )}
          <Button
            variant="default"
            size="xs"
            disabled={comment.trim() === ""}
            onClick={() =>
              deed.mutate({ name: "comment", comment: comment.trim() }, { onSuccess: () => setComment("") })
            }
          >
            Only write this down
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={comment.trim() === ""}
            onClick={() =>
              deed.mutate({ name: "escalate", comment: comment.trim() }, { onSuccess: () => setComment("") })
            }
          >
            Make it more pressing
          </Button>
        </Group>
        {deed.isError && <Stopped problem={problemOf(deed.error)} />}
      </Stack>
    </section>
  );
}

function Choices({
  actions,
  refused,
  isQuiet,
  isPending,
  choose,
}: {
  readonly actions: readonly Action[];
  readonly refused: readonly string[];
  /** None of them is what whoever looks is led to. */
  readonly isQuiet: boolean;
  readonly isPending: boolean;
  choose(action: Action): void;
}) {
  return (
    <Group>
      {actions.map((action, index) => {
        const { name = "", quorum = 1, parts } = action;
        const isAllRefused = parts !== undefined && refused.length >= parts.length;
        const words =
          parts && refused.length > 0 && !isAllRefused
            ? `${actionWord(name)} ${parts.length - refused.length} of ${parts.length} fields`
            : actionWord(name);
        return (
          <Button
            key={name}
            variant={index === 0 && !isQuiet && !name.startsWith("link") ? "filled" : "default"}
            loading={isPending}
            disabled={isAllRefused}
            onClick={() => choose(action)}
          >
            {quorum > 1 ? `${words} (${quorum} people have to)` : words}
          </Button>
        );
      })}
    </Group>
  );
}

/** A refusal that somebody else was quicker or that values changed is no fault: the page shows how it is now. */
function Stopped({ problem }: { readonly problem: ReturnType<typeof problemOf> }) {
  if (problem.code !== "WORK_STALE" && problem.code !== "WORK_STATE") return <Failed problem={problem} />;
  return (
    <Alert color="yellow" title="It changed while you looked" role="alert">
      Nothing was done. This page shows it as it is now. Check every value, then decide again.
    </Alert>
  );
}

/** Nothing is left to decide: what comes next. */
function Decided({ item }: { readonly item: Item }) {
  const { roles } = useSession().person;
  const next = useWork({ ...(item.queue ? { queue: item.queue } : {}), limit: 10 }).data?.items.find(
    ({ id }) => id !== item.id,
  );
  return (
    <Alert title={endings[item.state ?? ""] ?? "Nothing is left to decide"} role="status" tabIndex={-1} ref={keepFocus}>
      <Stack gap={4} align="flex-start">
        {item.state === "withdrawn" && (
          <Text>What asked for it has moved on. If it still matters, it is asked again as a new item.</Text>
        )}
        {item.journeyId && isOffered(roles, "/journeys") && (
          <Anchor component={Link} to={`/journeys/${item.journeyId}`}>
            See what became of it
          </Anchor>
        )}
        {next && (
          <Anchor component={Link} to={`/work/${next.id}`}>
            Next in this queue: {next.title}
          </Anchor>
        )}
        <Anchor component={Link} to="/work">
          All work
        </Anchor>
      </Stack>
    </Alert>
  );
}

/** The button that was pressed is gone: whoever works by keyboard goes on from here. */
const keepFocus = (element: HTMLElement | null): void => {
  if (document.activeElement === document.body) element?.focus();
};

const endings: Readonly<Record<string, string>> = {
  decided: "This is decided",
  expired: "Nobody decided in time",
  withdrawn: "This is no longer needed",
};
