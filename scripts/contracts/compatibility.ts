// Whether a contract breaks those who go by an earlier version of it: one table of rules, over schemas that stand in either
// direction.
//
// Hand-written: the libraries that there are either run in another language, are no longer kept, or do not notice that an answer's
// list of values grew or that its pattern went away.

/** A JSON Schema without references. */
export type Schema = { readonly [keyword: string]: unknown };

/** One thing that breaks somebody, by the rule that it breaks. */
export type Break = { readonly rule: Rule; readonly at: string };

/**
 * What may not happen between two versions. `taken`: what others send us must stay welcome. `given`: what we send must stay
 * what others were told.
 */
export const rules = {
  "operation-removed": "An operation or a topic is gone.",
  "answer-removed": "An answer of a status, or its form, is gone.",
  "answer-added": "A success comes under a status that nobody was told of.",
  "parameter-removed": "A parameter is gone, and would be refused.",
  "parameter-required": "A parameter is needed that was not.",
  "body-required": "A body is needed that was not.",
  "body-removed": "A body is no longer taken.",
  "security-narrowed": "A way to be let in is gone, or asks for more.",
  "member-removed-taken": "A member that was taken would be refused.",
  "member-required-taken": "A member is needed that was not.",
  "closed-taken": "Members beside those named are no longer taken.",
  "type-narrowed-taken": "A type that was taken is refused.",
  "values-narrowed-taken": "A value that was taken is refused.",
  "range-narrowed-taken": "A range, a length or a number of entries is smaller than it was.",
  "pattern-changed-taken": "A pattern or a form is asked for that was not.",
  "member-removed-given": "A member is no longer told.",
  "member-optional-given": "A member that was always there may be missing.",
  "type-widened-given": "A value may be of a type, or null, that nobody was told of.",
  "values-widened-given": "A value may come that nobody was told of.",
  "range-widened-given": "A range, a length or a number of entries is larger than it was.",
  "pattern-changed-given": "A pattern or a form no longer holds.",
} as const;
export type Rule = keyof typeof rules;

type Direction = "taken" | "given";

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
const FORMS = ["pattern", "format", "contentEncoding"];

/** What of `next` breaks those who know `before`, at any depth. */
export function breaksOf(before: Schema, next: Schema, direction: Direction, at = ""): Break[] {
  const [was, is] = [flat(before), flat(next)];
  const found: Break[] = [];
  const add = (rule: Rule, where = at) => void found.push({ rule, at: where });
  const isTaken = direction === "taken";

  if (changes(typesOf(was), typesOf(is), direction)) add(isTaken ? "type-narrowed-taken" : "type-widened-given");
  if (changes(valuesOf(was), valuesOf(is), direction)) add(isTaken ? "values-narrowed-taken" : "values-widened-given");
  for (const keyword of [...LOWER, ...UPPER])
    if (isMoved(was[keyword], is[keyword], LOWER.includes(keyword), isTaken))
      add(isTaken ? "range-narrowed-taken" : "range-widened-given", `${at} ${keyword}`);
  for (const keyword of FORMS) {
    const hold = isTaken ? is[keyword] : was[keyword];
    if (hold !== undefined && was[keyword] !== is[keyword])
      add(isTaken ? "pattern-changed-taken" : "pattern-changed-given", `${at} ${keyword}`);
  }
  found.push(...membersOf(was, is, direction, at));
  for (const keyword of ["items", "additionalProperties"])
    if (isSchema(was[keyword]) && isSchema(is[keyword]))
      found.push(...breaksOf(was[keyword], is[keyword], direction, `${at}/${keyword === "items" ? "[]" : "*"}`));
  return [...found, ...choicesOf(was, is, direction, at)];
}

function membersOf(was: Schema, is: Schema, direction: Direction, at: string): Break[] {
  const [old, now] = [propertiesOf(was), propertiesOf(is)];
  const [needed, needs] = [requiredOf(was), requiredOf(is)];
  const found: Break[] = [];
  if (direction === "taken" && was.additionalProperties !== false && is.additionalProperties === false)
    found.push({ rule: "closed-taken", at });
  for (const [name, schema] of Object.entries(old)) {
    const next = now[name];
    const where = `${at}/${name}`;
    if (next) found.push(...breaksOf(schema, next, direction, where));
    else if (direction === "given") found.push({ rule: "member-removed-given", at: where });
    else if (is.additionalProperties === false) found.push({ rule: "member-removed-taken", at: where });
  }
  if (direction === "taken")
    for (const name of needs.difference(needed)) found.push({ rule: "member-required-taken", at: `${at}/${name}` });
  else
    for (const name of needed.difference(needs))
      if (now[name]) found.push({ rule: "member-optional-given", at: `${at}/${name}` });
  return found;
}

/** Of alternatives each that was taken must be taken still, and each that is given must be one that was told of. */
function choicesOf(was: Schema, is: Schema, direction: Direction, at: string): Break[] {
  const [old, now] = [alternativesOf(was), alternativesOf(is)];
  if (old.length <= 1 && now.length <= 1) return [];
  const [each, among] = direction === "taken" ? [old, now] : [now, old];
  const fits = (one: Schema): boolean =>
    among.some(
      (other) => (direction === "taken" ? breaksOf(one, other, "taken") : breaksOf(other, one, "given")).length === 0,
    );
  return each.every(fits) ? [] : [{ rule: direction === "taken" ? "type-narrowed-taken" : "type-widened-given", at }];
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const alternativesOf = (schema: Schema): readonly Schema[] =>
  (schema.anyOf ?? schema.oneOf ?? [schema]) as readonly Schema[];
const propertiesOf = ({ properties = {} }: Schema) => properties as Readonly<Record<string, Schema>>;
const requiredOf = ({ required = [] }: Schema) => new Set(required as readonly string[]);

/** The parts of an `allOf` as one. */
function flat(schema: Schema): Schema {
  const { allOf, ...own } = schema;
  if (!Array.isArray(allOf)) return schema;
  const parts = [own, ...allOf.map(flat)];
  const properties = Object.assign({}, ...parts.map(propertiesOf)) as Schema;
  return Object.assign({}, ...parts, {
    properties,
    required: parts.flatMap((part) => [...requiredOf(part)]),
  }) as Schema;
}

/** The types that a schema lets through; undefined: any. Every integer is a number. */
function typesOf({ type }: Schema): ReadonlySet<string> | undefined {
  if (type === undefined) return undefined;
  const types = new Set([type].flat() as string[]);
  return types.has("number") ? types.add("integer") : types;
}

/** The values that a schema lets through; undefined: any. */
function valuesOf(schema: Schema): ReadonlySet<string> | undefined {
  if ("const" in schema) return new Set([JSON.stringify(schema.const)]);
  return Array.isArray(schema.enum) ? new Set(schema.enum.map((one) => JSON.stringify(one))) : undefined;
}

/** Whether less is taken than was, or more given. */
function changes(
  was: ReadonlySet<string> | undefined,
  is: ReadonlySet<string> | undefined,
  direction: Direction,
): boolean {
  const [wide, narrow] = direction === "taken" ? [is, was] : [was, is];
  if (wide === undefined) return false;
  return narrow === undefined || !narrow.isSubsetOf(wide);
}

/** Whether a bound moved, inwards or outwards. */
function isMoved(was: unknown, is: unknown, isLower: boolean, isInwards: boolean): boolean {
  const none = isLower ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const [old, now] = [Number(was ?? none), Number(is ?? none)];
  return isLower === isInwards ? now > old : now < old;
}
