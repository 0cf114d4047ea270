// `lockgate dead-letters`: what stopped and waits for a person.

import type { Parked } from "#engine/backbone";
import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

export async function listDeadLetters(caller: Caller, json: boolean): Promise<number> {
  const { deadLetters } = await call<{ deadLetters: Parked[] }>(caller, "GET", "/dead-letters");
  show(json, deadLetters, () =>
    deadLetters.length === 0
      ? "no dead letters"
      : table([
          ["subscription", "position", "reason", "journey", "description"],
          ...deadLetters.map((one) => [
            one.subscription,
            `${one.position}`,
            one.reason ?? "",
            one.journeyId,
            one.description ?? "",
          ]),
        ]),
  );
  return EXIT.done;
}

const path = (subscription: string, position: string) =>
  `/dead-letters/${encodeURIComponent(subscription)}/${encodeURIComponent(position)}`;

/** Shows one with its content; the access is audited. */
export async function showDeadLetter(
  caller: Caller,
  subscription: string,
  position: string,
  json: boolean,
): Promise<number> {
  const letter = await call<Parked & { body: string }>(caller, "GET", path(subscription, position));
  const { body, ...rest } = letter;
  show(
    json,
    letter,
    () => `${JSON.stringify(rest, undefined, 2)}\n${Buffer.from(body, "base64").toString().replaceAll("\r", "\n")}`,
  );
  return EXIT.done;
}

/** Tries one again in its place in the session, or sets it aside. */
export async function settleDeadLetter(
  caller: Caller,
  deed: "replay" | "dismiss",
  subscription: string,
  position: string,
  json: boolean,
): Promise<number> {
  const answer = await call<{ state: string }>(caller, "POST", `${path(subscription, position)}/${deed}`);
  show(json, answer, () => answer.state);
  return EXIT.done;
}
