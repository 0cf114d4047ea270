// `lockgate policy`: who may do what, and why somebody may or may not. Reads the policies as they lie there; asks nobody.

import { join } from "node:path";
import { z } from "zod";
import {
  actionNames,
  actions,
  type Explanation,
  openPolicy,
  permissionMatrix,
  purposes,
  type Question,
  resourceShape,
  roles,
} from "#gateway";
import { LockgateError } from "#kernel/errors";
import { root } from "../installation.ts";
import { EXIT, show, table } from "../output.ts";

/** As the command line has it. */
export type ExplainOptions = {
  readonly as: string;
  readonly action: string;
  /** Comma-separated. */
  readonly roles?: string;
  /** Comma-separated; given: a machine asks. */
  readonly scopes?: string;
  readonly resource?: string;
  readonly purpose?: string;
  readonly reason?: string;
  readonly secondFactor: boolean;
};

const installed = () => openPolicy({ folder: join(root, "resources/policies") });

/** Explains one decision. @returns refused where it is */
export async function explainPolicy(options: ExplainOptions, json: boolean): Promise<number> {
  const question = questionOf(options);
  const explanation = installed().explain(question);
  show(json, explanation, () => describe(question, explanation));
  return explanation.allowed ? EXIT.done : EXIT.refused;
}

/** Prints a row for each action that somebody may do and each role that may. */
export async function printMatrix(json: boolean): Promise<number> {
  const rows = permissionMatrix(installed());
  const cells = rows.flatMap(([action, ...cases]) =>
    cases.flatMap((said, index) => (said === "" ? [] : [{ action, role: roles[index]!, cases: said }])),
  );
  show(json, cells, () =>
    table([["action", "role", "may"], ...cells.map(({ action, role, cases }) => [action, role, cases])]),
  );
  return EXIT.done;
}

function questionOf(options: ExplainOptions): Question {
  const action = chosen("--action", z.enum(actionNames), options.action);
  const purpose = options.purpose === undefined ? undefined : chosen("--purpose", z.enum(purposes), options.purpose);
  const isMachine = options.scopes !== undefined;
  return {
    principal: {
      kind: isMachine ? "client" : "user",
      id: options.as,
      roles: chosen("--roles", z.array(z.enum(roles)), listed(options.roles)),
      scopes: isMachine ? listed(options.scopes) : ["lockgate"],
      assuranceLevel: options.secondFactor ? 2 : 1,
      ...(purpose === undefined ? {} : { purposes: [purpose] }),
    },
    action,
    resource: chosen("--resource", resourceShape, {
      ...plainest[actions[action]],
      ...parsed(options.resource),
      type: actions[action],
    }),
    context: {
      ...(purpose === undefined ? {} : { purpose }),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    },
  };
}

/** What is taken where the command line does not say; what makes a domain is for the asker to say. */
const plainest: Readonly<Record<string, object>> = {
  workItem: { proposers: [], chosenBy: [] },
  export: { personal: true },
};

const listed = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);

function parsed(text: string | undefined): object {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text ?? "{}"));
  } catch (cause) {
    throw new LockgateError("REQUEST_INVALID", { at: "--resource", reason: "is not a JSON object", cause });
  }
}

/** @throws REQUEST_INVALID with what there is to choose from */
function chosen<Shape extends z.ZodType>(at: string, shape: Shape, value: unknown): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new LockgateError("REQUEST_INVALID", { at: [at, ...path].join("."), reason: message });
}

function describe({ principal, action }: Question, explanation: Explanation): string {
  const { allowed, obligations, permits, forbids, nearest } = explanation;
  const policies = (heading: string, found: Explanation["permits"]): string[] =>
    found.map(({ id, says }) => `${heading} ${id}: ${says}`);
  return [
    `${principal.id} ${allowed ? "may" : "may not"} ${action}`,
    ...policies("permitted by", permits),
    ...policies("forbidden by", forbids),
    ...forbids.flatMap(({ needs }) => needs.map((one) => `it would take ${one}`)),
    ...nearest.map(({ id, unmet }) => `${id} would permit it with ${unmet.join(", and ")}`),
    ...(permits.length + nearest.length === 0 ? ["no policy permits it to anybody of that kind"] : []),
    ...obligations.map((one) => `owed for it: ${one}`),
  ].join("\n");
}
