// Operations: every flow, what it depends on, what waits, and for whom; each number leads to its items.

import { Badge, Stack } from "@mantine/core";
import { Navigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useOperations, useSeries } from "../../api/overview.ts";
import { useIsLive } from "../../live/live.ts";
import { beginsWithOperations } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered, Loading, PageHead } from "../../states/States.tsx";
import { Alarms } from "./Alarms.tsx";
import { Dependencies } from "./Dependencies.tsx";
import { Flows } from "./Flows.tsx";
import { Nodes } from "./Nodes.tsx";
import { Subscriptions } from "./Subscriptions.tsx";
import { Waiting } from "./Waiting.tsx";

const Lines = lazy(() => import("../../charts/Lines.tsx").then(({ Lines: it }) => ({ default: it })));
const MINUTES = 60;

/** Whoever has nothing to do with the machinery begins with what waits for them. */
export function OperationsPage() {
  const { roles } = useSession().person;
  return beginsWithOperations(roles) ? <Glance /> : <Navigate to="/work" replace />;
}

function Glance() {
  const operations = useOperations();
  const series = useSeries(MINUTES);
  const isLive = useIsLive();
  return (
    <Stack gap="xl">
      <PageHead
        title="Operations"
        actions={
          <Badge color={isLive ? "green" : "gray"} role="status">
            {isLive ? "Live" : "Every 10 seconds"}
          </Badge>
        }
      >
        What flows, what waits, and for whom.
      </PageHead>
      <Answered query={operations}>
        {(found) => (
          <Stack gap="xl">
            <Alarms operations={found} />
            <Section title="Flows">
              <Flows flows={found.flows} at={found.at} />
            </Section>
            <Section title="Waiting for a person">
              <Waiting work={found.work} />
            </Section>
            <Section title="The last hour" hint="Messages a minute. The last minute is not over yet.">
              <Answered query={series}>
                {(lines) => (
                  <Suspense fallback={<Loading />}>
                    <Lines series={lines} />
                  </Suspense>
                )}
              </Answered>
            </Section>
            <Section title="Systems that Lockgate depends on" hint="Calls in the last 5 minutes.">
              <Dependencies dependencies={found.dependencies} />
            </Section>
            <Section title="Queues">
              <Subscriptions subscriptions={found.subscriptions} />
            </Section>
            <Section title="Nodes" hint="Processes of the platform, and what each of them works.">
              <Nodes nodes={found.nodes} />
            </Section>
          </Stack>
        )}
      </Answered>
    </Stack>
  );
}
