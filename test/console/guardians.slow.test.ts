// What those come to the console for who look after identities, after safety and after access: in a real browser, on the whole platform.

import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { testNhsNumber } from "../journeys/adt.ts";
import { spokenAs } from "../journeys/faces.ts";
import { nationally } from "../journeys/telling.ts";
import { until } from "../until.ts";
import { hasChromium, needsChromium } from "./chromium.ts";
import { faultsBothWays, settled } from "./looking.ts";
import { goTo, openJourneyOf, openOne } from "./pages.ts";
import { openStory } from "./story.ts";

describe.skipIf(!hasChromium)(`guardians at the console${needsChromium}`, () => {
  const { at, sit, say, record, register } = openStory();

  /** Somebody who may be the twin of one whom we know: a steward is asked. */
  async function twins(one: string, other: string, serial: number): Promise<void> {
    await register(one, serial);
    const twin = { ...spokenAs(one, testNhsNumber(serial)), mrn: other, addressLine1: "1 Lock Row" };
    const { givenName } = spokenAs(`${one}-twin`, testNhsNumber(serial + 5));
    expect(await say("A28", { ...twin, givenName }, 1)).toBe("AA");
  }

  /** What Jane may do, asked by the list of those who work here. */
  async function openJaneOf(page: Page): Promise<void> {
    await goTo(page, "Access");
    const people = page.getByRole("table", { name: "Who works here" });
    const jane = people.getByRole("row").filter({ has: page.getByText("Jane Approver", { exact: true }).first() });
    await jane.getByRole("link", { name: /^What may they do/ }).click();
  }

  async function openMatch(page: Page): Promise<void> {
    await page.goto(`${at().http}/console/work?queue=match-steward`);
    const item = page.locator('main a[href^="/console/work/"]').first();
    await item.waitFor();
    await item.click();
    await page.getByRole("table", { name: "Side by side" }).waitFor();
  }

  it("lets a steward keep two apart who are alike, and NAV holds both", async () => {
    await twins("SK1", "SK2", 9_040);
    const { page } = await sit("Stella Steward");
    await openMatch(page);
    await page.getByText("Why it is in doubt").waitFor();
    await page.getByRole("button", { name: "None of these: a new person" }).click();
    await page.getByText("This is decided").waitFor();
    await until(async () => (await record("SK2")) !== undefined, 30_000);
    expect((await record("SK2"))?.number).not.toBe((await record("SK1"))?.number);
  });

  it("lets a steward link two, and two stewards have that taken back once the change that came of it is decided", async () => {
    await twins("SL1", "SL2", 9_060);
    const { page } = await sit("Stella Steward");
    await openMatch(page);
    await page.getByRole("link", { name: "Whom this person was linked with before" }).first().click();
    await page.getByText("This person was never joined with anybody.").waitFor();
    const person = page.url();
    await page.goBack();
    await page.getByRole("button", { name: "The same as candidate 1" }).click();
    await page.getByText("This is decided").waitFor();
    const shows = (locator: Locator) =>
      until(async () => {
        await page.goto(person);
        await settled(page);
        return (await locator.count()) > 0;
      }, 60_000);
    const takeBack = page.getByRole("button", { name: "Have it taken back" });
    // What the twin's message says otherwise is proposed for the one whom it was taken for.
    const waits = page.getByText("A change of this person waits for a decision");
    await shows(takeBack);
    await shows(waits);
    await takeBack.click();
    await page.getByLabel("Why it was wrong").fill("two patients, by their birth certificates");
    await page.getByRole("button", { name: "Ask two stewards" }).click();
    await page.getByText("Two stewards are asked").waitFor();
    for (const [name, said] of [
      ["Stella Steward", "You chose: Take the link back"],
      ["Steve Steward", "This is decided"],
    ] as const) {
      const steward = await sit(name);
      await goTo(steward.page, "Work");
      await openOne(steward.page, "A link by matching is to be taken back");
      await steward.page.getByText("two patients, by their birth certificates").first().waitFor();
      if (name === "Steve Steward") expect(await faultsBothWays(steward.page)).toEqual([]);
      await steward.page.getByRole("button", { name: /^Take the link back/ }).click();
      await steward.page.getByText(said).waitFor();
    }
    await shows(waits);
    expect(await page.getByText("taken back since").count()).toBe(0);
    await page.getByRole("link", { name: "What it waits for" }).click();
    await page.getByRole("link", { name: "Change of a person's demographics" }).click();
    await page.getByRole("button", { name: "Refuse", exact: true }).click();
    await page.getByText("This is decided").waitFor();
    await shows(page.getByText("taken back since"));
    await page.getByText("A link was taken back").waitFor();
    expect(await faultsBothWays(page)).toEqual([]);
    await until(async () => (await record("SL2")) !== undefined, 30_000);
    expect((await record("SL2"))?.number).not.toBe((await record("SL1"))?.number);
  });

  it("tells an approver and an administrator in words why she cannot decide an item, and the administrator which credentials end when", async () => {
    await twins("AD1", "AD2", 9_080);
    const steward = await sit("Stella Steward");
    await openMatch(steward.page);
    const item = steward.page.url().split("/").at(-1)!;
    const jane = await sit("Jane Approver");
    await jane.page.goto(`${at().http}/console/work/${item}`);
    await jane.page.getByRole("link", { name: "Why can’t I decide this?" }).click();
    await jane.page.getByRole("heading", { level: 1, name: "Access" }).waitFor();
    expect(await jane.page.getByRole("textbox", { name: "Work item" }).inputValue()).toBe(item);
    expect(await jane.page.getByRole("table", { name: "Who works here" }).count()).toBe(0);
    const max = await sit("Max Administrator");
    await openJaneOf(max.page);
    await max.page.getByText("demo:jane may decide a work item").waitFor();
    await max.page.getByRole("textbox", { name: "Work item" }).fill(item);
    await max.page.getByRole("button", { name: "Ask", exact: true }).click();
    for (const { page } of [jane, max]) {
      await page.getByText("demo:jane may not decide a work item").waitFor();
      await page.getByText("Asked as approver.").waitFor();
      await page.getByText("It is decided by a data steward.").waitFor();
    }
    await goTo(max.page, "Certificates and secrets");
    const secret = max.page.getByRole("row").filter({ hasText: "secret://search-key" });
    await secret.getByText("no end is set").waitFor();
  });

  it("shows an administrator who works here, and why somebody among them cannot decide what is finance's", async () => {
    await sit("Jane Approver");
    const { page } = await sit("Max Administrator");
    await openJaneOf(page);
    await page.getByText("demo:jane may decide a work item").waitFor();
    await page.getByRole("textbox", { name: "Who", exact: true }).and(page.locator(":focus")).waitFor();
    await page.locator("input").and(page.getByLabel("Domain")).click();
    await page.getByRole("option", { name: "Finance" }).click();
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText("demo:jane may not decide a work item").waitFor();
    await page.getByText(/Missing: .*role finance/).waitFor();
    // The audit is not an administrator's to search.
    expect(await page.getByRole("link", { name: /^What they did/ }).count()).toBe(0);
    await page.reload();
    await page.getByText("demo:jane may not decide a work item").waitFor();
  });

  it("leads an auditor from somebody who works here to what they did, at an address that asks it again", async () => {
    await sit("Olive Operator");
    const { page } = await sit("Ada Auditor");
    await goTo(page, "Access");
    const olive = page.getByRole("table", { name: "Who works here" }).getByRole("row", { name: /demo:olive/ });
    await olive.getByRole("cell", { name: /^operator\b/ }).waitFor();
    await olive.getByRole("link", { name: /^What they did/ }).click();
    const entries = page.getByRole("table", { name: "Entries of the audit" });
    await entries.getByText("demo:olive").first().waitFor();
    expect(await entries.getByText(/^[a-z]+\.[a-z]+$/).allTextContents()).toEqual([]);
    expect(new URL(page.url()).searchParams.get("user")).toContain("demo:olive");
    await page.reload();
    await entries.getByText("demo:olive").first().waitFor();
  });

  it("tells whoever may not ask the audit who may, and offers them none of it", async () => {
    const { page } = await sit("Jane Approver");
    await page.goto(`${at().http}/console/audit?show=patient`);
    await page.getByText("is told to an auditor or a clinical safety officer.").waitFor();
    expect(await page.getByRole("tab").count()).toBe(0);
  });

  it("lets a safety officer judge why an operator broke the glass, and an auditor see what became of it", async () => {
    const nhsNumber = testNhsNumber(9_100);
    const person = { mrn: "SO1", nhsNumber, addressLine1: "5 Hidden Row" };
    await at().pds.know(nationally(nhsNumber, { restricted: true }));
    expect(await say("A28", person, 0)).toBe("AA");
    await until(async () => (await record("SO1")) !== undefined, 30_000);
    const { page } = await sit("Olive Operator");
    await openJourneyOf(page, nhsNumber);
    await page.getByLabel("Why you have to look").fill("the ward cannot reach the patient");
    await page.getByRole("button", { name: "Show the message" }).click();
    const wasHidden = page.getByText("It may tell where somebody is who must not be found.");
    await wasHidden.waitFor();
    expect(await page.getByText("5 Hidden Row").count()).toBe(0);
    await page.getByRole("button", { name: "It is an emergency: show all of it" }).click();
    await page.getByText("5 Hidden Row").first().waitFor();

    const cleo = await sit("Cleo Safety");
    await cleo.page.goto(`${at().http}/console/work?queue=break-glass-review`);
    await cleo.page.locator('main a[href^="/console/work/"]').first().click();
    await cleo.page.getByText("the ward cannot reach the patient").first().waitFor();
    expect(await faultsBothWays(cleo.page)).toEqual([]);
    await cleo.page.getByRole("button", { name: "It was not justified" }).click();
    await cleo.page.getByText("This is decided").waitFor();

    const ada = await sit("Ada Auditor");
    await ada.page.goto(`${at().http}/console/audit?show=noteworthy`);
    await ada.page.getByRole("button", { name: "Look it up" }).click();
    await ada.page.getByText("not justified").first().waitFor();
  });
});
