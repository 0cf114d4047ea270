// What pages come to once somebody does something on them: each stop of the way is told by name, and stands there to be looked at.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { until } from "../until.ts";
import { visit } from "./addresses.ts";
import type { SeatedSite } from "./seated-site.ts";

type Scene = (page: Page, site: SeatedSite) => AsyncGenerator<string>;

const BROKEN = "19791402";
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });

async function* operating(page: Page, site: SeatedSite): AsyncGenerator<string> {
  for (const mrn of ["SC1", "SC2"]) {
    const person = { mrn, addressLine1: "1 Lock Row", birthDate: BROKEN };
    expect(await site.say({ event: "A31", controlId: `${mrn}-1`, at: Date.now(), person })).toBe("AE");
  }
  const stopped = page.getByRole("region", { name: "HL7_BAD_VALUE" });
  const chooseAll = async (): Promise<void> => {
    await visit(page, site.http, "/dead-letters");
    await stopped.getByRole("button", { name: "Try all of them again" }).click();
    await page.getByLabel("Why they will go through now").fill("the sender was told of the dates");
  };
  await chooseAll();
  yield "a replay that is looked at";
  await button(page, /^Start with/).click();
  await page.getByText("Started by").waitFor();
  await page.getByText("done", { exact: true }).waitFor();
  yield "a replay that is over";
  await chooseAll();
  await page.getByLabel("Messages in a second, at most").fill("0.01");
  await button(page, /^Start with/).click();
  await page.getByText("Started by").waitFor();
  await site.asIntruder(
    "update backbone.replay set acting_since = acting_since - interval '9 hours' where state = 'running'",
  );
  await page.getByText("It stopped by itself").waitFor();
  yield "a replay that stopped by itself";
  await button(page, "End it early").click();
  await page.getByText("ended early", { exact: true }).waitFor();
  await visit(page, site.http, "/dead-letters");
  yield "dead letters with their replays";
  await stopped.getByRole("link", { name: "Mend" }).first().click();
  await page.getByLabel("Why you have to look").fill("mending the date of birth");
  await button(page, "Show the message").click();
  const message = page.getByLabel("The message", { exact: true });
  await message.fill((await message.inputValue()).replace(BROKEN, "19790214"));
  await page.getByRole("table", { name: "What is changed" }).waitFor();
  yield "a message that is mended";
  const changed = changedChannel();
  await site.command("channel", "dry-run", changed);
  rmSync(dirname(changed), { recursive: true });
  await visit(page, site.http, "/channels/adt?tab=definition");
  await page.getByRole("table", { name: "Which messages would come out otherwise" }).waitFor();
  yield "a channel with a change that was tried";
}

/** A file with the demo's channel as somebody changed it. */
function changedChannel(): string {
  const path = join(mkdtempSync(join(tmpdir(), "lockgate-changed-")), "adt.channel.ts");
  const deployed = readFileSync("integrations/demo/adt.channel.ts", "utf8");
  writeFileSync(path, deployed.replace('name: "adt",', 'name: "adt",\n  acknowledge: "stored",'));
  return path;
}

async function* auditing(page: Page, { http }: SeatedSite): AsyncGenerator<string> {
  const found = page.getByRole("main").getByRole("table");
  await visit(page, http, "/audit?show=person&user=demo:max&what=did");
  await page
    .getByRole("cell", { name: "demo:max" })
    .or(page.getByText("Nothing is on record of this user."))
    .first()
    .waitFor();
  yield "what somebody did, by a link";
  for (const [show, label, sought, answer] of [
    [
      "patient",
      "The patient's NHS number or local identifier",
      "RXX:NOBODY",
      page.getByText("There is no such person."),
    ],
    ["person", "User", "demo:olive", found.or(page.getByText("Nothing is on record of this user."))],
    ["object", "A journey's id, or the name of a deed", "session.begun", found],
  ] as const) {
    await visit(page, http, `/audit?show=${show}`);
    await page.getByRole("textbox", { name: label }).fill(sought);
    await button(page, "Look it up").click();
    await answer.waitFor();
    yield `the audit by ${show}`;
  }
  await visit(page, http, "/audit?show=noteworthy");
  await button(page, "Look it up").click();
  await found.or(page.getByText("Nobody broke the glass.")).waitFor();
  yield "the audit of emergencies";
}

async function* administering(page: Page, { http }: SeatedSite): AsyncGenerator<string> {
  await visit(page, http, "/access");
  const own = page.getByRole("table", { name: "Who works here" }).getByRole("row", { name: /demo:max/ });
  await own.getByRole("link", { name: /^What may they do/ }).click();
  await page.getByText("demo:max may not decide a work item").waitFor();
  yield "what somebody who works here may do";
  await visit(page, http, "/access?who=demo:max&action=channels.read");
  await page.getByText("demo:max may look at channels").waitFor();
  yield "what permits it";
}

async function* stewarding(page: Page, { http }: SeatedSite): AsyncGenerator<string> {
  await visit(page, http, "/rules/demographics");
  const text = page.getByLabel("Text");
  await text.fill((await text.inputValue()).replace("medium:\n    agrees: approve", "medium:\n    agrees: steward"));
  await button(page, "Try it on past decisions").click();
  await page.getByText(/decisions? of the last 7 days/).waitFor();
  yield "rules tried on past decisions";
  await page.getByRole("tab", { name: "On one message" }).click();
  const message = readFileSync("integrations/demo/messages/a31-new-name.hl7", "utf8");
  await page.getByRole("textbox", { name: "Message", exact: true }).fill(message.replaceAll("\r", "\n"));
  await button(page, "Try it on this message").click();
  await page.getByText(/would be asked|Nothing would change/).waitFor();
  yield "rules tried on a message";
  await visit(page, http, "/work");
  await button(page, /^Act on all/)
    .first()
    .click();
  await page.getByRole("dialog").getByLabel("Why").fill("seen by the night shift");
  await button(page, "Write this under all").click();
  await page.getByRole("table", { name: "Which items" }).waitFor();
  yield "a group that is looked at";
  await button(page, /^Write under/).click();
  await page.getByText("Started by").waitFor();
  yield "a group that is begun";
}

async function* supplying(page: Page, { http, order, nav }: SeatedSite): AsyncGenerator<string> {
  const [first, second] = ["SCENE-1", "SCENE-2"].map((code) => ({ supplier: `${code}^Brae Linen` }));
  for (const [number, line] of [
    ["R-801", first],
    ["R-802", second],
    ["R-803", { item: "THM-HG^Thermometer mercury", unit: "EA" }],
  ] as const)
    expect(await order({ number, lines: [line!] })).toBe("AA");
  const causes = page.getByRole("table", { name: "By cause" });
  const open = async (title: string): Promise<void> => {
    await visit(page, http, "/work?domain=supply");
    await causes.getByRole("row").filter({ hasText: title }).getByRole("link", { name: "Map the code" }).click();
    await page.getByLabel("Search the ERP’s suppliers").waitFor();
  };
  await visit(page, http, "/work?domain=supply");
  await causes.getByRole("row").filter({ hasText: "SCENE-2" }).waitFor();
  yield "causes that a code settles";
  await open("Unknown supplier code SCENE-1 of STORES");
  await page.getByRole("radio", { name: /V00009/ }).check();
  yield "a code that is mapped";
  await page.getByLabel("Search the ERP’s suppliers").fill("nobody's");
  await page.getByText(/^Nothing is found for/).waitFor();
  yield "a search that finds nothing, with what is blocked";
  await page.getByRole("radio", { name: /V00008/ }).check();
  const item = page.url();
  await page.route("**/ops/v1/work-groups", (route) => route.fulfill({ status: 429, json: { code: "THROTTLED" } }));
  await button(page, /^Map SCENE-1 to V00008/).click();
  await page.getByText("The lines were not tried again").waitFor();
  yield "a code that is mapped and whose lines are not tried again";
  await page.unroute("**/ops/v1/work-groups");
  await page.goto(item);
  await button(page, "Try 1 line again").click();
  await page.getByText("1 done").waitFor();
  yield "lines that are tried again";
  await until(async () => (await nav.linesOf("R-801")).length === 1, 30_000);
  await open("Unknown supplier code SCENE-2 of STORES");
  await button(page, "Refuse").click();
  await page.getByText("This is decided").waitFor();
  yield "a line that is refused";
  await visit(page, http, "/work?queue=supply");
  await page.getByRole("table", { name: "One by one" }).getByRole("link").first().click();
  await page.getByRole("table", { name: "The order line" }).waitFor();
  yield "a line that the ERP refused";
  await visit(page, http, "/codes/item?search=THM");
  await button(page, /^Change THM-HG/).click();
  await page
    .getByRole("dialog")
    .getByRole("radio", { name: /I00008/ })
    .check();
  await page.getByText("Lines already written stay as they are.").waitFor();
  yield "what a code stands for, changed";
  await visit(page, http, "/codes/item?search=nobodys");
  yield "codes among which nothing is found";
}

/** By who plays it: the ways of those whose work has pages that only come of what they do. */
export const scenes: readonly (readonly [name: string, play: Scene])[] = [
  ["Olive Operator", operating],
  ["Ada Auditor", auditing],
  ["Max Administrator", administering],
  ["Stella Steward", stewarding],
  ["Sue Supply", supplying],
];
