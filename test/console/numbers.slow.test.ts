// Numbers at the console: each leads to as many things as it says, whoever looks, and back to the same after a reload.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { nationally } from "../journeys/telling.ts";
import { visit } from "./addresses.ts";
import { faultsOf, hasChromium, needsChromium } from "./chromium.ts";
import { faultsBothWays, settled } from "./looking.ts";
import { find } from "./pages.ts";
import { openStory } from "./story.ts";

/** No count: a share, a length of time, an age. */
const OTHER = /[%—]|ms$| s$|^\w+ \w+ ago$/;

describe.skipIf(!hasChromium)(`numbers at the console${needsChromium}`, () => {
  const { at, sit, say, register } = openStory();

  /** Every number of a page that leads somewhere: what it is called, what it says, and where it leads. */
  async function numbersOf(page: Page): Promise<readonly (readonly [name: string, value: number, href: string])[]> {
    const links = await page.getByRole("main").locator("a[href*='?']").all();
    return Promise.all(
      links.map(async (link) => {
        const text = (await link.textContent()) ?? "";
        const value = OTHER.test(text) ? Number.NaN : Number(/\d+/.exec(text)?.[0] ?? Number.NaN);
        return [(await link.getAttribute("aria-label")) ?? text, value, (await link.getAttribute("href"))!] as const;
      }),
    );
  }

  const rowsAt = async (page: Page, href: string): Promise<number> => {
    await page.goto(`${at().http}${href}`);
    await settled(page);
    const name = /\/work/.test(href) ? "One by one" : /\/messages/.test(href) ? "Messages" : /^Stopped by/;
    return page.getByRole("table", { name }).locator("tbody tr").count();
  };

  it("lead from operations and measures to as many messages, items and letters as they say", async () => {
    const changed = await register("NU1", 9_310);
    await register("NU2", 9_320);
    await at().pds.know(nationally(changed.nhsNumber, { familyName: "Brookside", gender: "female" }));
    expect(await say("A31", { ...changed, familyName: "Brookside" }, 1)).toBe("AA");
    expect(await say("A31", { ...changed, birthDate: "19791402" }, 2)).toBe("AE");
    const { page } = await sit("Olive Operator");
    for (const [address, some] of [
      ["/", "received in the last hour"],
      ["/measures", "Still waiting"],
    ] as const) {
      await visit(page, at().http, address);
      await page.getByRole("link", { name: some }).first().waitFor();
      const numbers = (await numbersOf(page)).filter(([, value]) => !Number.isNaN(value));
      expect(numbers.length).toBeGreaterThan(4);
      for (const [name, value, href] of numbers) expect([name, await rowsAt(page, href)]).toEqual([name, value]);
    }
  });

  it("say on the page that they lead to what is shown, and a reload shows the same", async () => {
    const { page } = await sit("Olive Operator");
    await visit(page, at().http, "/");
    await page.getByRole("link", { name: "1 message failed in the last hour" }).click();
    await page.getByText(/^Refused, or stopped and not gone on since, from/).waitFor();
    const rows = page.getByRole("table", { name: "Messages" }).locator("tbody tr");
    await rows.first().waitFor();
    const before = await rows.count();
    await page.reload();
    await rows.first().waitFor();
    expect(await rows.count()).toBe(before);
    expect(await faultsBothWays(page)).toEqual([]);
    await page.getByRole("link", { name: "Repair them" }).click();
    await page.getByRole("heading", { level: 1, name: "Dead letters" }).waitFor();
    await page.getByText("To be tried again", { exact: true }).click();
    await page.getByText("No message waits for another attempt.").waitFor();
    expect(new URL(page.url()).search).toBe("?channel=adt&state=waiting");
    expect(await faultsBothWays(page)).toEqual([]);
  });

  it("lead nobody to a page that is not theirs", async () => {
    const { page } = await sit("Max Administrator");
    for (const address of ["/", "/measures"]) {
      await visit(page, at().http, address);
      await page.getByRole("main").getByText("1", { exact: true }).first().waitFor();
      expect((await numbersOf(page)).map(([, , href]) => href)).toEqual([]);
    }
    await visit(page, at().http, "/access");
    await page.getByRole("table", { name: "Who works here" }).getByText("demo:olive").waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it("and an address at which there is no page says so", async () => {
    const { page } = await sit("Olive Operator");
    await page.goto(`${at().http}/console/nowhere`);
    await page.getByRole("heading", { level: 1, name: "There is no such page" }).waitFor();
    expect(await page.title()).toBe("There is no such page – Lockgate");
    expect(await faultsOf(page)).toEqual([]);
  });

  it("and who may not decide an item is told why by one click", async () => {
    const { page } = await sit("Sam Second");
    await visit(page, at().http, "/work");
    await page.getByRole("table", { name: "One by one" }).getByRole("link").first().click();
    await page.getByRole("link", { name: /Why can.t I decide this/ }).click();
    await page.getByText("demo:sam may not decide a work item").waitFor();
  });

  it("stand beside switches whose state is in the address: a reload shows as much as before", async () => {
    await register("NU9", 9_390);
    const { page } = await sit("Olive Operator");
    await visit(page, at().http, "/");
    await page.getByLabel(/^Show all \d+ queues/).click();
    await page.waitForURL(/\/console\/\?queues=all$/);
    const queues = page.getByRole("table", { name: "Queues" }).locator("tbody tr");
    await page.reload();
    await queues.first().waitFor();
    expect(await queues.count()).toBeGreaterThan(20);

    await find(page, "NU9");
    await page.getByRole("table", { name: "Journeys found" }).getByRole("link").first().click();
    const every = page.getByLabel("Show every step");
    await every.click();
    await page.waitForURL(/\?steps=all$/);
    await page.reload();
    await every.waitFor();
    expect(await every.isChecked()).toBe(true);
    await every.click();
    await page.waitForURL(/\/journeys\/[0-9a-f-]+$/);
  });
});
