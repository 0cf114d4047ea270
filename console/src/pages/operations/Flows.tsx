// Each channel: how much it carries, how it keeps its promise, and whether it has fallen silent.

import { Anchor, Badge, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Flow } from "../../api/overview.ts";
import { Empty } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { count, many, rate } from "../../words/counts.ts";
import { duration } from "../../words/time.ts";
import { When } from "../../words/When.tsx";
import { ChannelState } from "../channels/ChannelState.tsx";

export function Flows({ flows }: { readonly flows: readonly Flow[] }) {
  if (flows.length === 0) return <Empty>This site has no channels.</Empty>;
  return (
    <Wide minWidth={760}>
      <Table aria-label="Flows">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Channel</Table.Th>
            <Table.Th ta="right">In</Table.Th>
            <Table.Th ta="right">Written to the ERP</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
            <Table.Th>Oldest waiting</Table.Th>
            <Table.Th>Agreed time</Table.Th>
            <Table.Th>Last message</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flows.map((flow) => (
            <Row key={flow.channel} flow={flow} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Row({ flow }: { readonly flow: Flow }) {
  const { channel, state, reason, hour, rate: perMinute, oldestAt, sla, silence, lastAt } = flow;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/channels/${channel}`}>
          {channel}
        </Anchor>{" "}
        <ChannelState state={state} />
        {reason && (
          <Text size="sm" c="dimmed">
            {reason}
          </Text>
        )}
      </Table.Td>
      <Figure
        value={hour.received}
        perMinute={perMinute.received}
        to={`/messages?channel=${channel}`}
        of="messages in"
      />
      <Figure
        value={hour.out}
        perMinute={perMinute.out}
        to={`/messages?channel=${channel}&state=complete`}
        of="messages written"
      />
      <Figure
        value={hour.failed}
        perMinute={perMinute.failed}
        to={`/dead-letters?channel=${channel}`}
        of="messages failed"
        isBad={hour.failed > 0}
      />
      <Table.Td>
        {oldestAt ? (
          <Anchor component={Link} to={`/dead-letters?channel=${channel}`}>
            <When at={oldestAt} isRelative />
          </Anchor>
        ) : (
          "nothing waits"
        )}
      </Table.Td>
      <Table.Td>
        <Level sla={sla} channel={channel} />
      </Table.Td>
      <Table.Td>
        <Stack gap={2} align="flex-start">
          {lastAt ? <When at={lastAt} isRelative /> : "never"}
          {silence?.isSilent && <Badge color="red">silent for more than {duration(silence.afterMs)}</Badge>}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}

function Figure({
  value,
  perMinute,
  to,
  of,
  isBad = false,
}: {
  readonly value: number;
  readonly perMinute: number;
  readonly to: string;
  readonly of: string;
  readonly isBad?: boolean;
}) {
  return (
    <Table.Td ta="right">
      <Anchor component={Link} to={to} fw={isBad ? 700 : 400} aria-label={`${count(value)} ${of} in the last hour`}>
        {count(value)}
      </Anchor>
      <Text size="sm" c="dimmed">
        {rate(perMinute)} a minute
      </Text>
    </Table.Td>
  );
}

const levels = {
  met: { colour: "green", said: "kept" },
  "at-risk": { colour: "yellow", said: "at risk" },
  breached: { colour: "red", said: "not kept" },
} as const;

function Level({ sla, channel }: { readonly sla: Flow["sla"]; readonly channel: string }) {
  if (!sla) return "none agreed";
  const { colour, said } = levels[sla.state];
  return (
    <Stack gap={2} align="flex-start">
      <div>
        {duration(sla.withinMs)} <Badge color={colour}>{said}</Badge>
      </div>
      {sla.late > 0 && (
        <Anchor component={Link} size="sm" to={`/messages?channel=${channel}&state=open`}>
          {sla.isLeast ? "at least " : ""}
          {many(sla.late, "message")} late in the last hour
        </Anchor>
      )}
      {sla.breachesAt && (
        <Text size="sm" c="dimmed" component="div">
          next would be late <When at={sla.breachesAt} isRelative />
        </Text>
      )}
    </Stack>
  );
}
