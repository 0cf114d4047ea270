// `lockgate dead-letters mend` and `lockgate resubmissions`: a dead letter's message mended as text, and how that stands.

import { readFile } from "node:fs/promises";
import type { Parked } from "#engine/backbone";
import type { Resubmission } from "#engine/resubmissions";
import { LockgateError } from "#kernel/errors";
import { type Caller, call } from "../client.ts";
import { EXIT, printable, show, table } from "../output.ts";

type Letter = { readonly subscription: string; readonly position: string };
type Withheld = { readonly withheld?: "whereabouts" | "everything" };
type Both = Resubmission & Withheld & { readonly body: string; readonly proposed: string };

const letterPath = ({ subscription, position }: Letter, more = ""): string =>
  `/dead-letters/${encodeURIComponent(subscription)}/${encodeURIComponent(position)}${more}`;
const path = (id: string, more = ""): string => `/resubmissions/${encodeURIComponent(id)}${more}`;

/** Segments end with a carriage return; people edit lines. */
const linesOf = (base64: string): string[] =>
  Buffer.from(base64, "base64")
    .toString()
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== "");

/** Prints a letter's message as text to mend, and nothing else; the access is audited. */
export async function printLetter(caller: Caller, letter: Letter, json: boolean): Promise<number> {
  const shown = await call<Parked & Withheld & { body: string }>(caller, "GET", letterPath(letter));
  say(shown);
  show(json, shown, () => linesOf(shown.body).join("\n"));
  return EXIT.done;
}

/** Proposes what a file says in a letter's place. @throws CONFIG_INVALID for a file that cannot be read */
export async function proposeMended(
  caller: Caller,
  letter: Letter,
  { file, comment }: { readonly file: string; readonly comment: string },
  json: boolean,
): Promise<number> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new LockgateError("CONFIG_INVALID", { at: file, reason: "cannot be read", cause });
  });
  const proposal = await call<Resubmission>(caller, "POST", letterPath(letter, "/resubmission"), { text, comment });
  show(json, proposal, () =>
    [
      `proposed; it differs in ${proposal.fields.join(", ")}`,
      `lockgate resubmissions show ${proposal.id}`,
      "somebody else decides:",
      deciding(proposal),
    ].join("\n"),
  );
  return EXIT.done;
}

/** Lists what was proposed, newest first. */
export async function listResubmissions(caller: Caller, state: string | undefined, json: boolean): Promise<number> {
  const asked = state === undefined ? "" : `?state=${encodeURIComponent(state)}`;
  const { resubmissions } = await call<{ resubmissions: Resubmission[] }>(caller, "GET", `/resubmissions${asked}`);
  show(json, resubmissions, () =>
    resubmissions.length === 0
      ? "no resubmissions"
      : table([
          ["resubmission", "state", "channel", "position", "differs in", "by", "item"],
          ...resubmissions.map((one) => [
            one.id,
            one.state,
            one.channel,
            `${one.position}`,
            one.fields.join(" "),
            one.proposedBy,
            one.itemId,
          ]),
        ]),
  );
  return EXIT.done;
}

/** Shows how one stands; where a reason is given, also which lines differ, which is audited. */
export async function showResubmission(caller: Caller, id: string, json: boolean): Promise<number> {
  const both = caller.reason === undefined ? undefined : await call<Both>(caller, "GET", path(id, "/content"));
  const proposal = both ?? (await call<Resubmission>(caller, "GET", path(id)));
  if (both) say(both);
  show(json, proposal, () =>
    [
      table(factsOf(proposal)),
      ...(both ? differing(linesOf(both.body), linesOf(both.proposed)) : []),
      ...(proposal.state === "proposed" ? [deciding(proposal)] : []),
    ].join("\n"),
  );
  return EXIT.done;
}

const factsOf = (proposal: Resubmission): readonly (readonly string[])[] => {
  const { state, subscription, position, journeyId, fields, newJourneyId } = proposal;
  const { proposedAt, proposedBy, decidedAt, decidedBy } = proposal;
  return [
    ["state", state],
    ["letter", `${subscription} ${position}`],
    ["journey", journeyId],
    ["differs in", fields.join(", ")],
    ["proposed", `${proposedAt} by ${proposedBy}`],
    ...(decidedAt ? [["ended", `${decidedAt}${decidedBy ? ` by ${decidedBy}` : ""}`]] : []),
    ...(newJourneyId ? [["began", newJourneyId]] : []),
  ];
};

const deciding = ({ itemId }: Resubmission): string =>
  `lockgate work show ${itemId}\nlockgate work decide ${itemId} --action approve --digest DIGEST --comment "…"`;

/** Lines that only one of both has: the original's, then the proposed ones. */
const differing = (original: readonly string[], proposed: readonly string[]): string[] => [
  ...original.filter((line) => !proposed.includes(line)).map((line) => `- ${printable(line)}`),
  ...proposed.filter((line) => !original.includes(line)).map((line) => `+ ${printable(line)}`),
];

/** What is not shown is said beside the message, so that its text alone can go to a file. */
function say({ withheld }: Withheld): void {
  if (withheld === "whereabouts")
    process.stderr.write("what may tell where somebody is reads as •••: leave it so, and it stays what it is\n");
  if (withheld === "everything") process.stderr.write("nothing of this message may be shown\n");
}
