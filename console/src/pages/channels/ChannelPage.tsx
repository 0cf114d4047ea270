// One channel: how it stands, how to pause it, how it is written, and a bench to try a message on.

import { Alert, Stack, Table, Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useDefinition } from "../../api/channels.ts";
import { useMessages } from "../../api/messages.ts";
import { useOperations } from "../../api/overview.ts";
import { problemOf } from "../../api/problem.ts";
import { isOffered } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered, Failed, Loading, PageHead } from "../../states/States.tsx";
import { Drill } from "../../tables/Drill.tsx";
import { addressOf } from "../../words/addresses.ts";
import { duration } from "../../words/time.ts";
import { MessageTable } from "../messages/MessageTable.tsx";
import { Flows } from "../operations/Flows.tsx";
import { Bench } from "./Bench.tsx";
import { Definition } from "./Definition.tsx";
import { DryRuns } from "./DryRuns.tsx";
import { Steering } from "./Steering.tsx";

const route = getRouteApi("/channels/$name");

const STEERERS = ["operator", "integration-engineer"];

/** Whether whoever looks may pause a channel, let it go on, or try a message on it. */
const useMaySteer = (): boolean => useSession().person.roles.some((role) => STEERERS.includes(role));

export function ChannelPage() {
  const { name } = route.useParams();
  const { tab = "state" } = route.useSearch();
  const navigate = route.useNavigate();
  const maySteer = useMaySteer();
  return (
    <Stack>
      <PageHead title={`Channel ${name}`} />
      <Tabs
        value={tab}
        onChange={(to) => navigate({ search: to === "definition" || to === "try" ? { tab: to } : {}, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="state">State</Tabs.Tab>
          <Tabs.Tab value="definition">Definition</Tabs.Tab>
          {(maySteer || tab === "try") && <Tabs.Tab value="try">Try a message</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="state">
          <State name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="definition">
          <Definition name={name} />
          <DryRuns name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="try">
          <Bench name={name} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function State({ name }: { readonly name: string }) {
  const operations = useOperations();
  const maySteer = useMaySteer();
  const { roles } = useSession().person;
  return (
    <Answered query={operations}>
      {({ flows, at }) => {
        const flow = flows.find(({ channel }) => channel === name);
        if (!flow) return <Alert title="There is no such channel">This site has no channel called {name}.</Alert>;
        return (
          <Stack gap="xl">
            <Flows flows={[flow]} at={at} />
            {maySteer && <Steering flow={flow} />}
            <Facts name={name} />
            {isOffered(roles, "/messages") && <LastErrors name={name} />}
          </Stack>
        );
      }}
    </Answered>
  );
}

function Facts({ name }: { readonly name: string }) {
  const definition = useDefinition(name);
  return (
    <Section title="What it does">
      <Answered query={definition}>
        {({ connector, acknowledge, destinations, slaWithinMs, silentAfterMs }) => (
          <Table variant="vertical" withTableBorder maw={640} aria-label="What it does">
            <Table.Tbody>
              <Fact name="Takes in by">{connector.toUpperCase()}</Fact>
              <Fact name="Says yes to the sender">
                {acknowledge === "checked"
                  ? "once a message is stored and its content has been checked"
                  : "once a message is stored"}
              </Fact>
              <Fact name="Hands on to">{destinations.map(({ at }) => at).join(", ")}</Fact>
              <Fact name="Agreed time">{slaWithinMs === null ? "none" : duration(slaWithinMs)}</Fact>
              <Fact name="Alarm when silent for">{silentAfterMs === null ? "never" : duration(silentAfterMs)}</Fact>
            </Table.Tbody>
          </Table>
        )}
      </Answered>
    </Section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={220}>
        {name}
      </Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

function LastErrors({ name }: { readonly name: string }) {
  const refused = useMessages({ channel: name, state: "refused" });
  return (
    <Section title="Last errors" hint="Messages that were refused at the door. Each is kept for repair.">
      {refused.isPending && <Loading />}
      {refused.isError && <Failed problem={problemOf(refused.error)} retry={() => refused.refetch()} />}
      {refused.data && (
        <Drill td="underline" to={addressOf("/dead-letters", { channel: name })}>
          Dead letters of this channel
        </Drill>
      )}
      {refused.data && (
        <MessageTable
          messages={refused.data.pages.flatMap(({ messages }) => messages).slice(0, 10)}
          empty="No message was refused."
        />
      )}
    </Section>
  );
}
