// Holds docs/permissions.md to the policies and masks, in both directions.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { permissionsPage } from "../../../scripts/docs/permissions-page.ts";
import { actionNames } from "../../../src/gateway/policy/actions.ts";
import { roles } from "../../../src/gateway/policy/roles.ts";
import { ask, item, person, policy } from "./askers.ts";

const page = readFileSync("docs/permissions.md", "utf8");

/** First cells of a section's table. */
const rowsOf = (heading: string): string[][] =>
  [...(page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "").matchAll(/^\| `(.*) \|$/gm)].map(([, cells = ""]) =>
    cells.split(" | ").map((cell) => cell.replaceAll("`", "")),
  );

test("the page is what scripts/print-docs.ts prints", () => {
  expect(page).toBe(permissionsPage());
});

test("the page has a row for every action and no other, with a cell for every role", () => {
  const rows = rowsOf("Roles and actions");
  expect(rows.map(([action]) => action)).toEqual(actionNames);
  expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([roles.length + 1]));
});

test("the page has a row for every policy and no other", () => {
  expect(rowsOf("Policies").map(([id]) => id)).toEqual(policy.policies.map(({ id }) => id));
});

test.each([
  ["deadletters.dismiss", "operator", "yes"],
  ["deadletters.dismiss", "integration-engineer", ""],
  ["work.decide", "second-approver", "demographics as the second"],
  ["work.show", "finance", "finance (finance)"],
  ["persons.read", "operator", "break-glass"],
  ["audit.search", "auditor", "audit"],
] as const)("the page says of %s for %s: %s", (action, role, said) => {
  const cells = rowsOf("Roles and actions").find(([name]) => name === action);
  expect(cells?.[roles.indexOf(role) + 1]?.trim()).toBe(said);
});

test("what the page says is what is decided", () => {
  const decide = policy.decide(
    ask(person("second-approver"), "work.decide", item("demographics", { chosenBy: ["trust:bob"] })),
  );
  expect(decide.allowed).toBe(true);
});
