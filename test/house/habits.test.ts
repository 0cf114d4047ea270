// Holds the code to the house's habits of writing; each rule is first seen red on a seeded violation.

import { expect, test } from "vitest";
import { COPY_NODES, copies } from "./copies.ts";
import {
  clinicalWords,
  emptyNames,
  idleExceptions,
  longFiles,
  namesakeStatements,
  promises,
  SQL_ALLOWED,
  strayedSql,
  unkebabNames,
  unopened,
} from "./habits.ts";
import { readSources, type Source, type Violation } from "./sources.ts";

type Rule = (sources: readonly Source[]) => Violation[];

const sources = readSources();
const opened = "// A seeded file, as long as it need be.\n";
const file = (path: string, text = ""): Source => ({ path, text: `${opened}${text}` });
const engine = (text: string): Source => file("src/engine/audit/a.ts", text);

test("reads code and migrations alike before it judges", () => {
  expect(sources.length).toBeGreaterThan(250);
  expect(sources.filter(({ path }) => path.endsWith(".sql")).length).toBeGreaterThanOrEqual(6);
});

const copied = `export function total(prices: readonly number[], discount: number): number {
  let sum = 0;
  for (const price of prices) {
    if (price < 0) throw new RangeError("a price is below nothing");
    sum += price > 100 ? price * (1 - discount) : price;
  }
  const rounded = Math.round(sum * 100) / 100;
  return rounded < 0.01 ? 0 : rounded;
}
`;

const seeded: [string, Rule, Source[]][] = [
  ["a file name in camel case", unkebabNames, [file("src/kernel/deadLetter.ts")]],
  ["a file name in snake case", unkebabNames, [file("src/kernel/dead_letter.ts")]],
  ["a folder name with capitals", unkebabNames, [file("src/engine/deadLetter/a.ts")]],
  ["a suffix nobody agreed on", unkebabNames, [file("src/engine/audit/a.service.ts")]],
  ["a migration without a number", unkebabNames, [file("migrations/kernel.sql")]],
  ["a file called util", emptyNames, [file("src/kernel/date-utils.ts")]],
  ["a folder called common", emptyNames, [file("src/engine/common/a.ts")]],
  ["a type called a manager", emptyNames, [file("src/engine/a/a.ts", "type LeaseManager = string;")]],
  ["a type with an I before it", emptyNames, [file("src/engine/a/a.ts", "interface ILease { a: 1 }")]],
  ["a class called a service", emptyNames, [file("src/engine/a/a.ts", "export class PatientService {}")]],
  [
    "two statements of one name",
    namesakeStatements,
    [1, 2].map((one) => file(`src/engine/a/${one}.ts`, `db.query({ name: "a.read", text: "select ${one}" });`)),
  ],
  ["code before the first comment", unopened, [{ path: "src/kernel/a.ts", text: 'import "b";\n// Late.' }]],
  ["a first comment without words", unopened, [{ path: "src/kernel/a.ts", text: "//\nexport {};" }]],
  ["a script that only has a shebang", unopened, [{ path: "bin/a.mjs", text: "#!/usr/bin/env node\nrun();" }]],
  ["a migration without a comment", unopened, [{ path: "migrations/0001_a.sql", text: "create table a ();" }]],
  ["a file of 401 lines", longFiles, [file("src/kernel/a.ts", `${"\n".repeat(399)}export {};`)]],
  ["a note of work to come", promises, [file("src/kernel/a.ts", `// ${"TO"}DO later`)]],
  ["a clinical word in a name", clinicalWords, [engine("const patientId = 1;")]],
  ["a clinical word in a type's name", clinicalWords, [engine("type AdtFeed = string;")]],
  ["a clinical word in a string", clinicalWords, [engine('const text = "the nhs number";')]],
  ["a clinical word in a template", clinicalWords, [engine("const text = `hl7v2 on the wire`;")]],
  ["a clinical word as a property", clinicalWords, [engine("const held = { births: 1 };")]],
  ["a query outside a store", strayedSql, [file("src/engine/audit/a.ts", 'db.query("select 1 from audit.leaf");')]],
  [
    "a query in a template outside a store",
    strayedSql,
    [file("src/gateway/a.ts", "db.query(`\n  insert into a.b (c) values ($1)`);")],
  ],
  ["an update outside a store", strayedSql, [file("src/app/a.ts", 'db.query("update a.b set c = 1");')]],
  ["a role taken on outside a store", strayedSql, [file("src/app/a.ts", 'db.query("set role lockgate_app");')]],
  [
    "a copied function",
    copies,
    [file("src/kernel/a.ts", copied), file("src/engine/audit/b.ts", `// Reworded.\n${copied}`)],
  ],
  ["a function copied within its file", copies, [file("src/kernel/a.ts", copied + copied)]],
];

test.each(seeded)("%s is flagged", (_what, rule, files) => {
  expect(rule(files)).toHaveLength(1);
});

const innocent: [string, Rule, Source][] = [
  [
    "a number in a migration's name",
    unkebabNames,
    { path: "migrations/0001_kernel.sql", text: "-- What this is for.\n" },
  ],
  ["a channel's suffix", unkebabNames, file("integrations/demo/adt.channel.ts")],
  ["a database, which is no base", emptyNames, file("src/kernel/database.ts")],
  ["a comment below a shebang", unopened, { path: "bin/a.mjs", text: `#!/usr/bin/env node\n${opened}` }],
  ["a clinical word in the engine's comments", clinicalWords, engine("// One patient, one order.")],
  ["a clinical word outside the engine", clinicalWords, file("src/services/demographics/a.ts", "const patient = 1;")],
  ["a query in a store", strayedSql, file("src/engine/audit/store.ts", 'db.query("select 1 from audit.leaf");')],
  [
    "words that begin like a query",
    strayedSql,
    file("src/app/a.ts", 'const text = "Update the lock file, then select a site.";'),
  ],
  [
    "one function under two names in comments",
    copies,
    file("src/kernel/a.ts", `// total\n${copied}// total, copied: ${COPY_NODES}`),
  ],
];

test.each(innocent)("%s is let through", (_what, rule, source) => {
  expect(rule([source])).toEqual([]);
});

test.each<[string, Rule]>([
  ["names its files in kebab-case", unkebabNames],
  ["uses no name that says nothing", emptyNames],
  ["says in each file's first line what the file is for", unopened],
  ["has no file that is too long", longFiles],
  ["holds no note of work to come", promises],
  ["knows no clinical word in the engine", clinicalWords],
  ["keeps SQL in migrations and stores", strayedSql],
  ["says nothing twice", copies],
  ["names no two statements alike", namesakeStatements],
])("the code %s", (_promise, rule) => {
  expect(rule(sources)).toEqual([]);
});

test("each exception to the rule on SQL is still needed and says why", () => {
  expect(idleExceptions(sources)).toEqual([]);
  for (const reason of Object.values(SQL_ALLOWED)) expect(reason.length).toBeGreaterThan(20);
});
