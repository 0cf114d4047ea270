// The part of OData `$filter` that the ERP understands, with its refusals: OR across fields, unknown functions.

import { refuse } from "../errors.ts";
import { blankOf, type Field, type Value, type Values, valueFromText } from "../tables/fields.ts";
import type { Shape } from "./dialect.ts";

/** A compiled filter. */
export interface Filter {
  matches(values: Readonly<Values>): boolean;
  /** A field that has one of these values in every match, usable with an index. */
  oneOf?: { field: string; values: readonly Value[] };
}

interface Node extends Filter {
  fields: ReadonlySet<string>;
}

interface Token {
  kind: "word" | "string" | "open" | "close" | "comma";
  text: string;
  at: number;
}

const everything: Node = { fields: new Set(), matches: () => true };

/** Compiles a filter over a shape; throws NavRefusal on what the ERP does not take. */
export function parseFilter(shape: Shape, text: string): Filter {
  const tokens = tokenise(text);
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const fail = (): never => refuse("BadRequest_NotFound", "syntaxAt", String(peek()?.at ?? text.length));
  const take = (kind: Token["kind"]): Token => {
    const token = peek();
    if (token?.kind !== kind) return fail();
    position += 1;
    return token;
  };
  const isWord = (word: string): boolean => peek()?.kind === "word" && peek()!.text === word;

  const parseOr = (): Node => {
    let left = parseAnd();
    while (isWord("or")) {
      position += 1;
      left = either(left, parseAnd());
    }
    return left;
  };
  const parseAnd = (): Node => {
    let left = parseTerm();
    while (isWord("and")) {
      position += 1;
      left = both(left, parseTerm());
    }
    return left;
  };
  const parseTerm = (): Node => {
    if (peek()?.kind === "open") {
      position += 1;
      const inner = parseOr();
      take("close");
      return inner;
    }
    const word = take("word").text;
    if (/\/(any|all)$/.test(word)) return skipLambda();
    if (peek()?.kind === "open") return parseFunction(word);
    return parseComparison(fieldOf(shape, word));
  };
  // The ERP reads past a lambda as if it were not there.
  const skipLambda = (): Node => {
    take("open");
    for (let depth = 1; depth > 0; position += 1) {
      const kind = peek()?.kind ?? fail();
      depth += kind === "open" ? 1 : kind === "close" ? -1 : 0;
    }
    return everything;
  };
  const parseFunction = (name: string): Node => {
    if (!["contains", "startswith", "endswith"].includes(name)) {
      refuse("BadRequest_MethodNotImplemented", "functionUnsupported", name);
    }
    take("open");
    const field = fieldOf(shape, take("word").text);
    take("comma");
    const part = literal(field, take("string"), true) as string;
    take("close");
    const holds = textTest(name, part);
    return { fields: new Set([field.name]), matches: (values) => holds(String(values[field.name])) };
  };
  const parseComparison = (field: Field): Node => {
    const operator = take("word").text;
    if (!["eq", "ne", "gt", "ge", "lt", "le"].includes(operator)) {
      position -= 1;
      return fail();
    }
    const token = peek();
    if (token?.kind !== "word" && token?.kind !== "string") return fail();
    position += 1;
    // An enum literal may carry its type name: Microsoft.NAV.gender'Male'.
    const value =
      token.kind === "word" && peek()?.kind === "string"
        ? literal(field, take("string"), false)
        : literal(field, token, false);
    return comparison(field, operator, value);
  };

  const tree = parseOr();
  if (peek()) fail();
  return tree;
}

function comparison(field: Field, operator: string, value: Value): Node {
  const fields = new Set([field.name]);
  const wanted = sortable(field, value);
  const order = (values: Readonly<Values>): number => {
    const actual = sortable(field, values[field.name]!);
    return actual < wanted ? -1 : actual > wanted ? 1 : 0;
  };
  switch (operator) {
    case "eq":
      return { fields, oneOf: { field: field.name, values: [value] }, matches: (values) => order(values) === 0 };
    case "ne":
      return { fields, matches: (values) => order(values) !== 0 };
    case "gt":
      return { fields, matches: (values) => order(values) > 0 };
    case "ge":
      return { fields, matches: (values) => order(values) >= 0 };
    case "lt":
      return { fields, matches: (values) => order(values) < 0 };
    default:
      return { fields, matches: (values) => order(values) <= 0 };
  }
}

/** A value as it compares: instants by time, since their text has milliseconds only sometimes. */
export const sortable = (field: Field, value: Value): string | number =>
  field.type.kind === "dateTime" ? Date.parse(String(value)) : typeof value === "boolean" ? Number(value) : value;

function both(left: Node, right: Node): Node {
  const oneOf = left.oneOf ?? right.oneOf;
  const fields = new Set([...left.fields, ...right.fields]);
  const matches = (values: Readonly<Values>): boolean => left.matches(values) && right.matches(values);
  return oneOf ? { fields, oneOf, matches } : { fields, matches };
}

function either(left: Node, right: Node): Node {
  const fields = new Set([...left.fields, ...right.fields]);
  if (fields.size > 1) refuse("BadRequest_MethodNotImplemented", "orAcrossFields");
  const matches = (values: Readonly<Values>): boolean => left.matches(values) || right.matches(values);
  if (!left.oneOf || !right.oneOf) return { fields, matches };
  const values = [...new Set([...left.oneOf.values, ...right.oneOf.values])];
  return { fields, oneOf: { field: left.oneOf.field, values }, matches };
}

function textTest(name: string, part: string): (text: string) => boolean {
  if (name === "contains") return (text) => text.includes(part);
  return name === "startswith" ? (text) => text.startsWith(part) : (text) => text.endsWith(part);
}

function fieldOf(shape: Shape, name: string): Field {
  return shape.byWire.get(name) ?? refuse("BadRequest", "unknownFilterProperty", name, shape.typeName);
}

/** A literal in the field's type. Code literals fold to upper case; text keeps its case. Part literals may be any length. */
function literal(field: Field, token: Token, isPart: boolean): Value {
  if (token.kind === "word" && token.text === "null") return blankOf(field.type);
  const kind = field.type.kind;
  const isQuotedKind = kind === "code" || kind === "text" || kind === "option";
  if (isPart) return kind === "code" ? token.text.toUpperCase() : token.text;
  if (isQuotedKind !== (token.kind === "string")) refuse("BadRequest_NotFound", "syntaxAt", String(token.at));
  if ((kind === "code" || kind === "text") && token.text.length > (field.type as { max: number }).max) {
    refuse("Application_FilterErrorException", "badFilter", token.text, field.caption, "record");
  }
  return valueFromText(field, token.text);
}

const LEXEME = /\s*(?:'((?:[^']|'')*)'|([()])|(,)|([^\s'(),]+))/y;

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  LEXEME.lastIndex = 0;
  while (LEXEME.lastIndex < text.trimEnd().length) {
    const at = LEXEME.lastIndex;
    const match = LEXEME.exec(text);
    if (!match) return refuse("BadRequest_NotFound", "syntaxAt", String(at));
    const [, quoted, bracket, comma, word] = match;
    if (quoted !== undefined) tokens.push({ kind: "string", text: quoted.replaceAll("''", "'"), at });
    else if (bracket !== undefined) tokens.push({ kind: bracket === "(" ? "open" : "close", text: bracket, at });
    else tokens.push(comma === undefined ? { kind: "word", text: word!, at } : { kind: "comma", text: ",", at });
  }
  return tokens;
}
