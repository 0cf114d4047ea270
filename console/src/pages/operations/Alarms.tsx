// What somebody has to look at now, before anything else on the page.

import { Alert, List } from "@mantine/core";
import type { Operations } from "../../api/overview.ts";
import { many } from "../../words/counts.ts";
import { duration } from "../../words/time.ts";
import { systemName } from "./systems.ts";

const isText = (one: string | false): one is string => one !== false;

/** One line for each thing that is wrong, the gravest first. */
function alarmsOf({ flows, dependencies, nodes }: Operations): readonly string[] {
  const gone = nodes.filter(({ isGone }) => isGone).length;
  return [
    ...dependencies.map(
      ({ name, state, breaker }) =>
        state === "down" &&
        `${systemName(name)} does not answer.${breaker === "open" ? " Calls to it are held back; what is to be written waits and is not lost." : ""}`,
    ),
    nodes.length > 0 && gone === nodes.length && "No node is at work.",
    gone > 0 && gone < nodes.length && `${many(gone, "node")} stopped without a word. The others have taken over.`,
    ...flows.map(
      ({ channel, silence }) =>
        silence?.isSilent === true &&
        `Channel ${channel} has had no message for more than ${duration(silence.afterMs)}.`,
    ),
    ...flows.map(({ channel, state }) => state !== "started" && `Channel ${channel} is ${state}.`),
  ].filter(isText);
}

export function Alarms({ operations }: { readonly operations: Operations }) {
  const alarms = alarmsOf(operations);
  return (
    <div role="status">
      {alarms.length > 0 && (
        <Alert color="red" title={alarms.length === 1 ? "Look at this first" : "Look at these first"}>
          <List>
            {alarms.map((one) => (
              <List.Item key={one}>{one}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </div>
  );
}
