// What the supply team is asked: which of the ERP's codes a source's code stands for, and what to do with a line that the ERP refused.

import type { SupplyList } from "#canonical/contracts";
import type { Effects } from "#engine/backbone";
import type { CodeKey } from "#engine/codes";
import type { NewItem } from "#engine/work";
import type { WriteSettled } from "#engine/writeback";
import { leafMaker } from "./leaves.ts";
import { codesOf, keyOf, shown, subjectOf } from "./lines.ts";
import type { Found, LineContext, Resolved, SupplyOptions } from "./types.ts";

/** Where items wait whose code nobody has mapped. */
export const CODES_QUEUE = "supply-codes";
/** The reason of such an item. */
export const UNMAPPED = "SU-100";
const LINES_QUEUE = "supply";
const DAY_MS = 86_400_000;
const roles = ["supply"];

type Item = Omit<NewItem, "reply" | "journeyId">;

/** What an item about a code has as its subject: all that wait for one code have the same. */
export const aboutCode = ({ map, system, code }: CodeKey): string => `${map} ${system} ${code}`;
/** The map that the code of such a subject belongs to. */
export const mapOfSubject = (subject: string): string => subject.split(" ", 1)[0]!;

/** The same words for all that wait for one code: they are one group. */
const titleOf = (map: SupplyList, system: string, code: string): string => `Unknown ${map} code ${code} of ${system}`;

/** Asks what the first code stands for that nobody has mapped. */
export const askCode =
  ({ clock }: Pick<SupplyOptions, "clock">) =>
  async ({
    input,
    instance,
    results,
  }: LineContext<{ readonly resolve: Resolved }>): Promise<Effects & { readonly item: Item }> => {
    const [map, source] = codesOf(input).find(([list]) => list === results.resolve.missing)!;
    const key = keyOf(input, map, source);
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code: UNMAPPED })],
      item: {
        queue: CODES_QUEUE,
        domain: "supply",
        reason: UNMAPPED,
        criticality: "normal",
        subject: aboutCode(key),
        title: titleOf(map, key.system, key.code),
        content: {
          kind: "unmapped-code",
          ...key,
          ...(source.text === undefined ? {} : { text: source.text }),
          line: shown(input),
        },
        tried: ["the code maps: nobody has said what the code stands for"],
        actions: [
          { name: "retry", quorum: 1, roles },
          { name: "refuse", quorum: 1, roles },
        ],
        excluded: [],
        dueAt: new Date(clock.now() + DAY_MS),
      },
    };
  };

/** Whether the ERP holds something else of a line than what was to be written. */
export const isConflict = (written: WriteSettled | undefined): boolean => written?.code === "WRITEBACK_CONFLICT";

type Refused = {
  readonly resolve: Resolved;
  readonly written: WriteSettled | undefined;
  readonly look?: Found | undefined;
};

/**
 * Asks about a line that the ERP refused: to try it again with the codes as they are then, or to leave it; where the ERP holds
 * something else of it, to replace exactly that.
 */
export const askRefused =
  ({ clock }: Pick<SupplyOptions, "clock">) =>
  async ({ input, instance, results }: LineContext<Refused>): Promise<Effects & { readonly item: Item }> => {
    const { code: reason = "ERP_REFUSED", fields: at = [] } = results.written ?? {};
    const held = isConflict(results.written) ? results.look : undefined;
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code: reason })],
      item: {
        queue: LINES_QUEUE,
        domain: "supply",
        reason,
        criticality: "normal",
        subject: subjectOf(input),
        title: held ? "The ERP holds another requisition line of that number" : "The ERP refused a requisition line",
        content: {
          kind: "requisition-line",
          line: shown(input),
          mapped: results.resolve.mapped,
          ...(held ? { held: held.values, erpVersion: held.version } : {}),
          code: reason,
          at,
        },
        tried: ["written once; the ERP answered and changed nothing"],
        actions: [
          { name: held ? "replace" : "retry", quorum: 1, roles },
          { name: "close", quorum: 1, roles },
        ],
        excluded: [],
        dueAt: new Date(clock.now() + DAY_MS),
      },
    };
  };
