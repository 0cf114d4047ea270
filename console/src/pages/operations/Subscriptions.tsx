// The queues within the platform: those that hold something, and all of them for whoever wants to see.

import { Badge, Stack, Switch, Table } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { Operations } from "../../api/overview.ts";
import { Drill } from "../../tables/Drill.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { addressOf } from "../../words/addresses.ts";
import { count, many } from "../../words/counts.ts";
import { When } from "../../words/When.tsx";

const route = getRouteApi("/");

type Subscription = Operations["subscriptions"][number];
const isBusy = ({ unread, waiting, dead, pausedReason }: Subscription): boolean =>
  unread + waiting + dead > 0 || pausedReason !== null;

export function Subscriptions({ subscriptions }: { readonly subscriptions: readonly Subscription[] }) {
  const isAll = route.useSearch().queues === "all";
  const navigate = route.useNavigate();
  const busy = subscriptions.filter(isBusy);
  const shown = isAll ? subscriptions : busy;
  return (
    <Stack gap="xs">
      <Switch
        label={`Show all ${many(subscriptions.length, "queue")}`}
        description={
          busy.length === 0
            ? "All of them are empty."
            : `${many(busy.length, "queue")} ${busy.length === 1 ? "holds" : "hold"} something.`
        }
        checked={isAll}
        onChange={(event) => navigate({ search: event.currentTarget.checked ? { queues: "all" } : {}, replace: true })}
      />
      {shown.length > 0 && (
        <Wide minWidth={640}>
          <Table aria-label="Queues">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Queue</Table.Th>
                <Table.Th ta="right">To do</Table.Th>
                <Table.Th ta="right">To be tried again</Table.Th>
                <Table.Th ta="right">Stopped</Table.Th>
                <Table.Th>Oldest</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map(({ name, unread, waiting, dead, oldestAt, pausedReason }) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={400}>
                    {name} {pausedReason !== null && <Badge color="yellow">paused: {pausedReason}</Badge>}
                  </Table.Th>
                  <Table.Td ta="right">{count(unread)}</Table.Td>
                  <Table.Td ta="right">
                    <Letters count={waiting} in={name} state="waiting" />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Letters count={dead} in={name} />
                  </Table.Td>
                  <Table.Td>{oldestAt ? <When at={oldestAt} isRelative /> : "—"}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Stack>
  );
}

/** How many messages lie in a queue, with the way to them. */
function Letters({
  count: value,
  in: subscription,
  state,
}: {
  readonly count: number;
  readonly in: string;
  readonly state?: "waiting";
}) {
  if (value === 0) return 0;
  const fate = state === "waiting" ? "to be tried again in" : "stopped in";
  return (
    <Drill
      to={addressOf("/dead-letters", { subscription, state })}
      label={`${many(value, "message")} ${fate} ${subscription}`}
    >
      {count(value)}
    </Drill>
  );
}
