// Journeys: what became of a message, step by step.

import { Alert, Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { type Journey, useJourneys, useRelated, useSagas } from "../../api/journeys.ts";
import { problemOf } from "../../api/problem.ts";
import { useSession } from "../../shell/session.tsx";
import { Answered, Empty, PageHead } from "../../states/States.tsx";
import { Drill } from "../../tables/Drill.tsx";
import { addressOf } from "../../words/addresses.ts";
import { queueWord } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";
import { Code } from "../work/Code.tsx";
import { Content } from "./Content.tsx";
import { Evidence } from "./Evidence.tsx";
import { JourneyTable, State } from "./JourneyTable.tsx";
import { SagaDiagram } from "./SagaDiagram.tsx";
import { Timeline } from "./Timeline.tsx";

/** What the search box found. The key is in memory alone: a reload asks for it again. */
export function JourneysPage() {
  const key = useRouterState({ select: ({ location }) => (location.state as { sought?: string }).sought });
  const journeys = useJourneys(key);
  const isUnknown = journeys.isError && problemOf(journeys.error).code === "JOURNEY_UNKNOWN";
  return (
    <Stack>
      <PageHead title="Journeys">
        Find one by NHS number, local identifier, order number, control id or its own id, in the box above. What you
        look for is in no address.
      </PageHead>
      {key === undefined && <Empty>Nothing is looked for yet.</Empty>}
      {isUnknown && <Empty>No journey goes by that. Check the number, and that the message has arrived.</Empty>}
      {key !== undefined && !isUnknown && (
        <Answered query={journeys}>{(all) => <JourneyTable journeys={all} label="Journeys found" />}</Answered>
      )}
    </Stack>
  );
}

/** One journey on a page of its own: its id says nothing of anybody, so it may stand in the address. */
export function JourneyPage() {
  const { id } = useParams({ from: "/journeys/$id" });
  const query = useJourneys(id);
  return (
    <>
      {!query.data?.length && <PageHead title="Journey" />}
      <Answered query={query} isEmpty={(all) => all.length === 0} empty="There is no such journey.">
        {([journey]) => <Whole key={id} journey={journey!} />}
      </Answered>
    </>
  );
}

const LOOKERS = ["operator", "integration-engineer", "clinical-safety-officer"];
const MACHINISTS = [...LOOKERS, "auditor", "administrator"];

const kinds: Readonly<Record<string, string>> = {
  controlId: "Control id",
  localId: "Local id",
  nhsNumber: "NHS number",
  order: "Order",
};

function Whole({ journey }: { readonly journey: Journey }) {
  const { id = "", open = [], businessKeys = [] } = journey;
  const { roles } = useSession().person;
  const has = (some: readonly string[]) => roles.some((role) => some.includes(role));
  const dead = open.find(({ state }) => state === "dead");
  const letter = dead && { subscription: dead.subscription ?? "", position: dead.position ?? 0 };
  return (
    <Stack gap="xl">
      <div>
        <PageHead title="Journey" actions={<State of={journey} />}>
          <Text component="span" ff="monospace">
            {id}
          </Text>
        </PageHead>
        <Group gap="lg">
          <Text>
            Received <When at={journey.receivedAt} /> on {journey.channel}
          </Text>
          {businessKeys.map(({ kind = "", value }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: masked values may be alike
            <Text key={`${kind} ${index}`}>
              {kinds[kind] ?? kind}: <span>{value ?? "hidden"}</span>
            </Text>
          ))}
        </Group>
      </div>
      <Mended journey={journey} />
      <InTheWay journey={journey} />
      <Timeline journey={journey} />
      {has(MACHINISTS) && <Sagas id={id} />}
      {has(LOOKERS) && <Content id={id} letter={letter} />}
      <Related journey={journey} />
      <Evidence journey={journey} />
    </Stack>
  );
}

/** How it hangs together with another journey by a message that somebody mended. */
function Mended({ journey: { resubmissionOf, resubmittedAs } }: { readonly journey: Journey }) {
  const ways = [
    [resubmissionOf, "It began with a message that was mended", "The journey of the original"],
    [resubmittedAs, "Its message was mended and taken in anew", "The journey that this began"],
  ] as const;
  return ways.map(
    ([id, title, way]) =>
      id && (
        <Alert key={id} title={title}>
          <Anchor component={Link} underline="always" to={`/journeys/${id}`}>
            {way}
          </Anchor>
        </Alert>
      ),
  );
}

/** What keeps it from going on, with the way to whoever can do something about it. */
function InTheWay({ journey: { work = [], open = [] } }: { readonly journey: Journey }) {
  const dead = open.filter(({ state }) => state === "dead");
  const waiting = open.filter(({ state }) => state === "waiting");
  if (work.length + dead.length + waiting.length === 0) return null;
  return (
    <Alert color="yellow" title="What it waits for">
      <Stack gap={4}>
        {work.map(({ id, title, queue, owner, dueAt }) => (
          <Text key={id}>
            <Anchor component={Link} underline="always" to={`/work/${id}`}>
              {title}
            </Anchor>
            , {queueWord(queue)}, {owner ? `taken on by ${owner}` : "nobody has taken it on"}, due{" "}
            <When at={dueAt} isRelative />
          </Text>
        ))}
        {dead.map(({ subscription, position, reason }) => (
          <Text key={`${subscription} ${position}`}>
            <Drill td="underline" to={addressOf("/dead-letters", { subscription })}>
              Stopped at {subscription}
            </Drill>
            : <Code of={reason} />
          </Text>
        ))}
        {waiting.map(({ subscription, position, reason, nextAt }) => (
          <Text key={`${subscription} ${position}`}>
            {subscription} tries again <When at={nextAt} isRelative />
            {reason && ": "}
            <Code of={reason} />
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}

function Sagas({ id }: { readonly id: string }) {
  const sagas = useSagas(id);
  return (
    <section aria-labelledby="sagas">
      <Title order={2} size="h4" id="sagas" mb="xs">
        Where it stands
      </Title>
      <Answered query={sagas} isEmpty={(all) => all.length === 0} empty="No saga has begun for it.">
        {(all) => all.map((saga) => <SagaDiagram key={saga.id} saga={saga} />)}
      </Answered>
    </section>
  );
}

function Related({ journey: { id = "", businessKeys = [] } }: { readonly journey: Journey }) {
  const isOrder = businessKeys.some(({ kind }) => kind === "order");
  const title = `Other journeys of the same ${isOrder ? "order" : "patient"}`;
  return (
    <section aria-labelledby="related">
      <Title order={2} size="h4" id="related" mb="xs">
        {title}
      </Title>
      <Answered query={useRelated(id)} isEmpty={(all) => all.length === 0} empty="There are no others.">
        {(all) => <JourneyTable journeys={all} label={title} />}
      </Answered>
    </section>
  );
}
