// Each channel: how much it carries, how it keeps its promise, and whether it has fallen silent.

import { Badge, Stack, Table, Text } from "@mantine/core";
import type { MessageCount } from "../../api/messages.ts";
import type { Flow } from "../../api/overview.ts";
import { Empty } from "../../states/States.tsx";
import { Drill } from "../../tables/Drill.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { addressOf } from "../../words/addresses.ts";
import { count, many, rate } from "../../words/counts.ts";
import { duration } from "../../words/time.ts";
import { When } from "../../words/When.tsx";
import { ChannelState } from "../channels/ChannelState.tsx";

const HOUR_MS = 3_600_000;

/** @param at when they were told: their numbers are of the hour before */
export function Flows({ flows, at }: { readonly flows: readonly Flow[]; readonly at: string }) {
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
            <Row key={flow.channel} flow={flow} at={at} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Row({ flow, at }: { readonly flow: Flow; readonly at: string }) {
  const { channel, state, reason, hour, rate: perMinute, oldestAt, sla, silence, lastAt } = flow;
  const since = new Date(Date.parse(at) - HOUR_MS).toISOString();
  const counted = (by: MessageCount): string => addressOf("/messages", { channel, counted: by, since });
  return (
    <Table.Tr>
      <Table.Td>
        <Drill to={`/channels/${channel}`}>{channel}</Drill> <ChannelState state={state} />
        {reason && (
          <Text size="sm" c="dimmed">
            {reason}
          </Text>
        )}
      </Table.Td>
      <Figure
        value={hour.received}
        perMinute={perMinute.received}
        to={addressOf("/messages", { channel, since })}
        of="received"
      />
      <Figure value={hour.out} perMinute={perMinute.out} to={counted("written")} of="written" />
      <Figure
        value={hour.failed}
        perMinute={perMinute.failed}
        to={counted("failed")}
        of="failed"
        isBad={hour.failed > 0}
      />
      <Table.Td>
        {oldestAt ? (
          <Drill to={addressOf("/dead-letters", { channel })}>
            <When at={oldestAt} isRelative />
          </Drill>
        ) : (
          "nothing waits"
        )}
      </Table.Td>
      <Table.Td>
        <Level sla={sla} late={counted("late")} />
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
      <Drill to={to} fw={isBad ? 700 : 400} label={`${many(value, "message")} ${of} in the last hour`}>
        {count(value)}
      </Drill>
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

function Level({ sla, late }: { readonly sla: Flow["sla"]; readonly late: string }) {
  if (!sla) return "none agreed";
  const { colour, said } = levels[sla.state];
  return (
    <Stack gap={2} align="flex-start">
      <div>
        {duration(sla.withinMs)} <Badge color={colour}>{said}</Badge>
      </div>
      {sla.late > 0 && (
        <Drill size="sm" to={late}>
          {sla.isLeast ? "at least " : ""}
          {many(sla.late, "message")} late in the last hour
        </Drill>
      )}
      {sla.breachesAt && (
        <Text size="sm" c="dimmed" component="div">
          next would be late <When at={sla.breachesAt} isRelative />
        </Text>
      )}
    </Stack>
  );
}
