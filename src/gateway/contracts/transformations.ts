// Transformations that are declared and not coded: what a version of a product, or one consumer of it, calls otherwise.

import { z } from "zod";

const place = z
  .string()
  .max(200)
  .regex(/^(\/(\*|[A-Za-z][\w-]*))*\/[A-Za-z][\w-]*$/)
  .describe("Members down to the one that is meant, `*` for each entry of a list: `/persons/*/familyName`.");
const name = z.string().regex(/^[A-Za-z][\w-]{0,99}$/);
const plain = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]);

/** One change: a member is called otherwise, left out, given a value where it has none, or its values are told by other words. */
const stepShape = z.union([
  z.strictObject({ rename: place, to: name }),
  z.strictObject({ drop: place }),
  z.strictObject({ fill: place, with: plain }),
  z.strictObject({ values: place, as: z.record(z.string().max(1_000), z.string().max(1_000)) }),
]);
export type Step = z.output<typeof stepShape>;

/** What is done to a body on its way in, and to an answer on its way out; each in order. */
export const transformShape = z.strictObject({
  request: z.array(stepShape).max(50).default([]).describe("Before it is held against the document."),
  answer: z.array(stepShape).max(50).default([]).describe("After it was held against the document."),
});
export type Transform = z.output<typeof transformShape>;

/** Settings of transformations: each consumer's own, by operation. */
export const transformationSettings = z.array(
  transformShape.extend({
    client: z.string().min(1).max(200).describe("Client id, as its tokens say it."),
    operation: z.string().min(1).max(100).describe("`operationId` of the API document."),
  }),
);
export type Transformations = z.output<typeof transformationSettings>;

type Members = Readonly<Record<string, unknown>>;

/** The value with every step taken. Nothing of the value given is changed. */
export const transformed = (value: unknown, steps: readonly Step[]): unknown =>
  steps.reduce((told, step) => {
    const [path, edit] = editOf(step);
    return within(told, path.split("/").slice(1), edit);
  }, value);

type Edit = (members: Members, name: string) => Members;

function editOf(step: Step): [path: string, edit: Edit] {
  if ("rename" in step) return [step.rename, renaming(step.to)];
  if ("drop" in step) return [step.drop, without];
  if ("fill" in step)
    return [step.fill, (members, one) => (Object.hasOwn(members, one) ? members : { ...members, [one]: step.with })];
  const told = (value: unknown): unknown =>
    typeof value === "string" && Object.hasOwn(step.as, value) ? step.as[value] : value;
  return [
    step.values,
    (members, one) => {
      const value = members[one];
      return Object.hasOwn(members, one)
        ? { ...members, [one]: Array.isArray(value) ? value.map(told) : told(value) }
        : members;
    },
  ];
}

const without = (members: Members, one: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([called]) => called !== one));

/** A member of the new name that is there already gives way, or one body would say two things. */
const renaming =
  (to: string): Edit =>
  (members, one) => {
    if (!Object.hasOwn(members, one)) return members;
    const others = Object.entries(members).filter(([called]) => called !== to || to === one);
    return Object.fromEntries(others.map(([called, value]) => [called === one ? to : called, value]));
  };

function within(node: unknown, [first = "", ...rest]: readonly string[], edit: Edit): unknown {
  if (Array.isArray(node)) return first === "*" ? node.map((one) => within(one, rest, edit)) : node;
  if (typeof node !== "object" || node === null || first === "*") return node;
  const members = node as Members;
  if (rest.length === 0) return edit(members, first);
  return Object.hasOwn(members, first) ? { ...members, [first]: within(members[first], rest, edit) } : node;
}
