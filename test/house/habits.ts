// The rules on how a file is written: its name, its first line, its length, its words, and where SQL may stand.

import { identifiersOf, isCode, lineAt, type Source, stringsOf, treeOf, type Violation, visit } from "./sources.ts";

const FILE_LINES = 400;
const BANNED = /^(util|helper|manager|common|misc|base|impl)s?$/;
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.(channel|saga|test|slow\.test|config))?\.(ts|tsx|mjs)$/;
/** A component's file is named as the component is. */
const COMPONENT_NAME = /^([A-Z][a-z]+)+\.tsx$/;
const MIGRATION_NAME = /^\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.sql$/;
const TYPE_NAME = /^I[A-Z][a-z]|[a-z](Util|Helper|Manager|Service|Impl|Base)s?$/;

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Files and folders are kebab-case, with none but the agreed suffixes. */
export function unkebabNames(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => {
      const pattern = path.startsWith("migrations/") ? MIGRATION_NAME : FILE_NAME;
      return (
        !(pattern.test(nameOf(path)) || COMPONENT_NAME.test(nameOf(path))) ||
        path
          .split("/")
          .slice(0, -1)
          .some((folder) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(folder))
      );
    })
    .map(({ path }) => ({ path, line: 1, what: "the name is not kebab-case with an agreed suffix" }));
}

/** No name says nothing: not a file's, not a folder's, not a type's. */
export function emptyNames(sources: readonly Source[]): Violation[] {
  const files = sources
    .filter(({ path }) => path.split(/[/.-]/).some((word) => BANNED.test(word)))
    .map(({ path }) => ({ path, line: 1, what: "the name says nothing" }));
  const types = sources.filter(isCode).flatMap((source) => {
    const found: Violation[] = [];
    visit(treeOf(source), (node) => {
      if (!/^(TSTypeAliasDeclaration|TSInterfaceDeclaration|ClassDeclaration)$/.test(node.type)) return;
      const name = (node.id as { name?: string } | null)?.name ?? "";
      if (TYPE_NAME.test(name))
        found.push({ path: source.path, line: lineAt(source, node.start), what: `the name ${name} says nothing` });
    });
    return found;
  });
  return [...files, ...types];
}

/** A statement that the server prepares once goes by a name that no other has: the second one of a name fails where both come by one connection. */
export function namesakeStatements(sources: readonly Source[]): Violation[] {
  const known = new Set<string>();
  return sources.filter(isCode).flatMap((source) => {
    if (!source.path.startsWith("src/")) return [];
    return [...source.text.matchAll(/\bname: "([^"]+)",\s*text:/g)].flatMap(({ 1: name = "", index }) => {
      if (!known.has(name)) {
        known.add(name);
        return [];
      }
      return [{ path: source.path, line: lineAt(source, index), what: `another statement is named ${name}` }];
    });
  });
}

/** A file begins by saying in a comment what it is for. */
export function unopened(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path, text }) => {
      const [first = "", second = ""] = text.split("\n");
      const opening = first.startsWith("#!") ? second : first;
      return !(path.endsWith(".sql") ? /^-- \S.{8,}/ : /^(\/\/|\/\*\*?) \S.{8,}/).test(opening);
    })
    .map(({ path }) => ({ path, line: 1, what: "the first line is not a comment that says what the file is for" }));
}

/** No file is longer than a reader can hold. */
export function longFiles(sources: readonly Source[]): Violation[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > FILE_LINES ? [{ path, line: 1, what: `${lines} lines; the most is ${FILE_LINES}` }] : [];
  });
}

// Spelt in two halves, so that this file does not break its own rule.
const PROMISE = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME"].join("|")})\\b`);

/** Work to come is not noted in the code. */
export function promises(sources: readonly Source[]): Violation[] {
  return sources.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        PROMISE.test(line) ? [{ path, line: index + 1, what: "a note of work to come" }] : [],
      ),
  );
}

const CLINICAL =
  /^(patient|person|practitioner|clinician|clinical|nurse|ward|diagnosis|demographic|birth|nhs|mrn|pds|adt|fhir|dicom|snomed|hl7v?\d?|mllp)s?$/;

const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** The engine knows envelopes, not patients: no clinical word in a name or a string. Comments may give examples. */
export function clinicalWords(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => path.startsWith("src/engine/"))
    .flatMap((source) => {
      const texts = [...identifiersOf(source).map(({ name, line }) => ({ text: name, line })), ...stringsOf(source)];
      return texts.flatMap(({ text, line }) =>
        wordsOf(text)
          .filter((word) => CLINICAL.test(word))
          .map((word) => ({ path: source.path, line, what: `the engine says "${word}"` })),
      );
    });
}

/** Files besides `store.ts` that may hold SQL, each with its reason. */
export const SQL_ALLOWED: Readonly<Record<string, string>> = {
  "src/kernel/db.ts": "begins and ends transactions, listens, and reads the horizon",
  "src/kernel/migrate.ts": "runs the migrations and keeps their record",
  "src/kernel/vault-keys.ts": "reads and makes the keys without which there is no database handle for stores",
  "src/engine/audit/verify/database.ts": "the verifier shares no code with the writer, so it has its own reader",
};

const SQL =
  /^\s*(select\s+\S|insert\s+into\s|update\s+\S+\s+(\w+\s+)?set\s|delete\s+from\s|(create|alter|drop|grant|revoke|truncate)\s+(table|schema|index|role|user|database|function|sequence|unique|all|select|on)\b|with\s+\w+(\s*\([^)]*\))?\s+as\s|(listen|notify)\s+\w+|set\s+(local\s+)?(role|search_path)\b)/i;

const isSql = (text: string): boolean => SQL.test(text);

/** SQL stands in migrations and in files named `store.ts`. */
export function strayedSql(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => /^(src|integrations)\//.test(path) && isCode({ path, text: "" }))
    .filter(({ path }) => nameOf(path) !== "store.ts" && !Object.hasOwn(SQL_ALLOWED, path))
    .flatMap((source) =>
      stringsOf(source)
        .filter(({ text }) => isSql(text))
        .map(({ line }) => ({ path: source.path, line, what: "SQL outside a store" })),
    );
}

/** An exception that no file needs any more. */
export const idleExceptions = (sources: readonly Source[]): string[] =>
  Object.keys(SQL_ALLOWED).filter((path) => {
    const source = sources.find((one) => one.path === path);
    return !source || !stringsOf(source).some(({ text }) => isSql(text));
  });
