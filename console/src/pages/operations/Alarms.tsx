// What somebody has to look at now, before anything else on the page.

import { Alert, List } from "@mantine/core";
import type { Operations } from "../../api/overview.ts";
import { Drill } from "../../tables/Drill.tsx";
import { addressOf } from "../../words/addresses.ts";
import { many } from "../../words/counts.ts";
import { duration } from "../../words/time.ts";
import { systemName } from "./systems.ts";

/** What is wrong, and where one looks closer. */
type Alarm = { readonly said: string; readonly to?: string; readonly where?: string };

/** One for each thing that is wrong, the gravest first. */
function alarmsOf({ flows, dependencies, nodes }: Operations): readonly Alarm[] {
  const gone = nodes.filter(({ isGone }) => isGone).length;
  const of = (channel: string) => ({ to: `/channels/${channel}`, where: "Look at the channel" });
  return [
    ...dependencies
      .filter(({ state }) => state === "down")
      .map(({ name, breaker }) => ({
        said: `${systemName(name)} does not answer.${breaker === "open" ? " Calls to it are held back; what is to be written waits and is not lost." : ""}`,
        to: addressOf("/dead-letters", { state: "waiting" }),
        where: "What waits",
      })),
    ...(nodes.length > 0 && gone === nodes.length ? [{ said: "No node is at work." }] : []),
    ...(gone > 0 && gone < nodes.length
      ? [{ said: `${many(gone, "node")} stopped without a word. The others have taken over.` }]
      : []),
    ...flows.flatMap(({ channel, silence }) =>
      silence?.isSilent
        ? [
            {
              said: `Channel ${channel} has had no message for more than ${duration(silence.afterMs)}.`,
              ...of(channel),
            },
          ]
        : [],
    ),
    ...flows
      .filter(({ state }) => state !== "started")
      .map(({ channel, state }) => ({ said: `Channel ${channel} is ${state}.`, ...of(channel) })),
  ];
}

export function Alarms({ operations }: { readonly operations: Operations }) {
  const alarms = alarmsOf(operations);
  return (
    // It is there before there is anything to say, or nobody would hear of it; empty it takes no room.
    <div role="status" className={alarms.length === 0 ? "visually-hidden" : ""}>
      {alarms.length > 0 && (
        <Alert color="red" title={alarms.length === 1 ? "Look at this first" : "Look at these first"}>
          <List>
            {alarms.map(({ said, to, where }) => (
              <List.Item key={said}>
                <span>{said}</span>{" "}
                {to && (
                  <Drill to={to} td="underline">
                    {where}
                  </Drill>
                )}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </div>
  );
}
