// What the supply team comes to the console for: a code that nobody has mapped, mapped once for all lines that wait for it. In a
// real browser, on the whole platform.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { hasChromium, inPage, needsChromium } from "./chromium.ts";
import { faultsBothWays, settled } from "./looking.ts";
import { goTo } from "./pages.ts";
import { openStory } from "./story.ts";

const titleOf = (kind: string, code: string): string => `Unknown ${kind} code ${code} of STORES`;

describe.skipIf(!hasChromium)(`the supply team at the console${needsChromium}`, () => {
  const { at, sit } = openStory();

  const order = async (number: string, lines: Parameters<ReturnType<typeof at>["order"]>[0]["lines"]) =>
    expect(await at().order({ number, lines })).toBe("AA");

  /** Opens the page of the first line that waits for a code, once so many do. */
  async function openCause(page: Page, title: string, lines: number): Promise<void> {
    await goTo(page, "Work");
    const row = page.getByRole("table", { name: "By cause" }).getByRole("row").filter({ hasText: title });
    await row.getByRole("cell", { name: String(lines), exact: true }).waitFor();
    await row.getByRole("link", { name: "Map the code" }).click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
  }

  const choose = (page: Page, target: RegExp) => page.getByRole("radio", { name: target }).check();

  it("lets a clerk find the lines that wait for one supplier's code, map it once, and see all of them done and in NAV", async () => {
    const numbers = Array.from({ length: 10 }, (_, nth) => `R-95${nth}0`);
    const four = [5, 6, 7, 8].map((quantity) => ({ supplier: "ALDW-7^Aldwych Surgical", quantity }));
    for (const number of numbers) await order(number, four);
    const { page } = await sit("Sue Supply");
    const title = titleOf("supplier", "ALDW-7");
    await goTo(page, "Work");
    await page.getByRole("button", { name: `Act on all 40: ${title}` }).waitFor();

    await openCause(page, title, 40);
    await page.getByText("Nobody has said yet which of the ERP’s suppliers that is.").waitFor();
    const line = page.getByRole("table", { name: "The order line" });
    for (const said of ["GLV-M", "Gloves nitrile M", "W7", "not mapped"])
      expect(await line.textContent()).toContain(said);
    expect(await page.getByLabel("Search the ERP’s suppliers").inputValue()).toBe("Aldwych Surgical");
    const item = new URL(page.url()).pathname;
    await choose(page, /V00008/);
    await page.getByRole("button", { name: "Map ALDW-7 to V00008 and try 40 lines again" }).click();
    await page.getByText("40 done").waitFor();
    await until(async () => (await page.getByRole("cell", { name: "done", exact: true }).count()) === 40);

    const lines = async () => (await Promise.all(numbers.map((number) => at().nav.linesOf(number)))).flat();
    await until(async () => (await lines()).length === 40, 60_000);
    for (const one of await lines())
      expect(one).toMatchObject({
        vendorNumber: "V00008",
        itemNumber: "I00008",
        unitOfMeasureCode: "BOX",
        locationCode: "WARD7",
      });
    expect((await lines()).map(({ quantity }) => Number(quantity)).sort()).toEqual(
      numbers.flatMap(() => [5, 6, 7, 8]).sort(),
    );
    await page.locator(`main a[href="${item}"]`).click();
    await page.getByText("This is decided").waitFor();
    await page.getByText(/You mapped ALDW-7 to V00008/).waitFor();
    await goTo(page, "Work");
    await page.getByText("Nothing waits here.").waitFor();
  });

  it("tells the second of two clerks who map one code at once who mapped it to what", async () => {
    await at().employ({ id: "sid", name: "Sid Supply", roles: ["supply"] });
    await order("R-9800", [{ supplier: "BRAE-9^Brae Linen" }]);
    const title = titleOf("supplier", "BRAE-9");
    const [sue, sid] = [(await sit("Sue Supply")).page, (await sit("Sid Supply")).page];
    for (const page of [sue, sid]) {
      await goTo(page, "Work");
      await until(async () => (await page.getByRole("link", { name: title }).count()) > 0, 30_000);
      await openCause(page, title, 1);
    }
    await choose(sid, /V00009/);
    await sue.getByLabel("Search the ERP’s suppliers").fill("V00013");
    await choose(sue, /V00013/);
    await sue.getByRole("button", { name: "Map BRAE-9 to V00013 and try 1 line again" }).click();
    await sue.getByText("1 done").waitFor();

    await sid.getByRole("button", { name: /^Map BRAE-9 to V00009/ }).click();
    await sid.getByText("Somebody else was quicker").waitFor();
    await sid.getByText(/demo:sue mapped BRAE-9 to V00013/).waitFor();
    await until(async () => (await at().nav.linesOf("R-9800")).length === 1, 30_000);
    expect((await at().nav.linesOf("R-9800"))[0]).toMatchObject({ vendorNumber: "V00013" });
  });

  it("offers to try lines again where the code was mapped meanwhile, and the next code that is missing asks anew", async () => {
    await order("R-9850", [{ item: "GLU-500^Glucose 5% 500 ml", unit: "VIAL^Vial" }]);
    const { page } = await at().sit("Sue Supply", { mayFail: true });
    await openCause(page, titleOf("item", "GLU-500"), 1);
    const item = page.url();
    await choose(page, /I00014/);
    // The lines cannot be tried again just now: the code is mapped all the same, and that is told.
    await page.route("**/ops/v1/work-groups", (route) => route.abort());
    await page.getByRole("button", { name: /^Map GLU-500 to I00014/ }).click();
    await page.getByText("The lines were not tried again").waitFor();
    await page.getByText(/The code is mapped\./).waitFor();
    await page.unroute("**/ops/v1/work-groups");
    await page.goto(item);
    await page.getByText(/You mapped GLU-500 to I00014/).waitFor();
    await page.getByRole("button", { name: "Try 1 line again" }).click();
    await page.getByText("1 done").waitFor();
    await openCause(page, titleOf("unit", "VIAL"), 1);
    await page.getByRole("button", { name: "Refuse" }).click();
    await page.getByText("This is decided").waitFor();
    expect(await at().nav.linesOf("R-9850")).toEqual([]);
  });

  it("shows nothing blocked as a choice, and changes what a code stands for from the code maps", async () => {
    await order("R-9860", [{ item: "THM-HG^Thermometer mercury", unit: "EA" }]);
    const { page } = await sit("Sue Supply");
    const refused = "The ERP refused a requisition line";
    await goTo(page, "Work");
    await page.getByRole("table", { name: "One by one" }).getByRole("link", { name: refused }).first().click();
    await page.getByRole("heading", { level: 1, name: refused }).waitFor();
    await page.getByText("THM-HG").first().waitFor();
    expect(await page.getByRole("table", { name: "The order line" }).textContent()).toContain("I00012");
    expect(await page.getByRole("link", { name: "The journey that waits for this" }).count()).toBe(0);
    const item = page.url();

    await page.goto(`${at().http}/console/codes/item?search=THM`);
    await page.getByRole("button", { name: "Change THM-HG of STORES" }).click();
    await page.getByLabel("Search the ERP’s items").fill("thermometer");
    const blocked = page.getByRole("radio", { name: /I00012.*blocked in the ERP/ });
    await blocked.waitFor();
    expect(await blocked.isDisabled()).toBe(true);
    await page.getByLabel("Search the ERP’s items").fill("fob watch");
    await choose(page, /I00016/);
    await page.getByText("Lines already written stay as they are.").waitFor();
    await page.getByRole("button", { name: "Change it to I00016" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("row").filter({ hasText: "THM-HG" }).getByText("I00016").waitFor();
    await page.getByRole("tab", { name: "Changes" }).click();
    const newest = page.getByRole("table", { name: "Changes" }).getByRole("row").nth(1);
    await newest.waitFor();
    for (const said of ["THM-HG", "I00012", "I00016", "demo:sue"]) expect(await newest.textContent()).toContain(said);

    await page.goto(item);
    await page.getByRole("button", { name: "Try again" }).click();
    await until(async () => (await at().nav.linesOf("R-9860")).length === 1, 30_000);
    expect((await at().nav.linesOf("R-9860"))[0]).toMatchObject({ itemNumber: "I00016" });
  });

  it("shows a line that the ERP holds otherwise beside what is ordered, and replaces exactly that", async () => {
    const line = async () => (await at().nav.linesOf("R-9890"))[0];
    await order("R-9890", [{ quantity: 5 }]);
    await until(async () => (await line()) !== undefined, 30_000);
    expect(await at().order({ number: "R-9890", controlId: "R-9890-again", lines: [{ quantity: 7 }] })).toBe("AA");
    const { page } = await sit("Sue Supply");
    const title = "The ERP holds another requisition line of that number";
    await goTo(page, "Work");
    await page.getByRole("table", { name: "One by one" }).getByRole("link", { name: title }).click();
    await page.getByText("The ERP has this line already, and with other values").waitFor();
    const quantity = page
      .getByRole("table", { name: "The order line" })
      .getByRole("row")
      .filter({ hasText: "Quantity" });
    for (const said of ["7", "5", "differs"]) await quantity.getByText(said, { exact: true }).waitFor();
    expect(await faultsBothWays(page)).toEqual([]);
    await page.getByRole("button", { name: "Replace it in the ERP" }).click();
    await until(async () => Number((await line())?.quantity) === 7, 30_000);
  });

  it("shows a clerk nothing of the patient for whom something is ordered, nor sends it to the browser", async () => {
    const planted = ["Quillfeather", "Zebedee", "RXXZ4711", "Planted Row"];
    const patient = [`PID|1||${planted[2]}^^^RXX^MR||${planted[0]}^${planted[1]}||19790214|F|||1 ${planted[3]}`];
    const lines = [{ item: "MSK-2R^Mask surgical IIR" }, { item: "THM-OLD^Thermometer" }];
    expect(await at().order({ number: "R-9870", lines, patient })).toBe("AA");
    const { page, answers } = await sit("Sue Supply");
    const shown: string[] = [];
    const look = async (): Promise<void> => {
      await settled(page);
      shown.push(`${page.url()} ${await page.title()} ${await page.content()}`);
    };
    await openCause(page, titleOf("item", "MSK-2R"), 1);
    await look();
    expect(shown[0]).toContain("R-9870");
    await choose(page, /I00015/);
    await page.getByRole("button", { name: /^Map MSK-2R to I00015/ }).click();
    await page.getByText("1 done").waitFor();
    await look();
    await openCause(page, titleOf("item", "THM-OLD"), 1);
    await look();
    for (const address of ["/work", "/codes", "/codes/item", "/codes/item?show=changes", "/codes/supplier"]) {
      await page.goto(`${at().http}/console${address}`);
      await look();
    }
    expect(answers.join("\n")).toContain("R-9870");
    for (const word of planted) expect(`${shown.join("\n")} ${answers.join("\n")}`).not.toContain(word);
  });

  it("lets an operator see what waits and what codes stand for, and map nothing", async () => {
    await order("R-9880", [{ supplier: "NEW-88" }]);
    const { page } = await sit("Olive Operator");
    await goTo(page, "Work");
    const title = titleOf("supplier", "NEW-88");
    const row = page.getByRole("table", { name: "By cause" }).getByRole("row").filter({ hasText: title });
    await row.waitFor();
    expect(await row.getByRole("link", { name: "Map the code" }).count()).toBe(0);
    await goTo(page, "Code maps");
    await page.getByRole("link", { name: "Suppliers" }).click();
    await page.getByText("Codes are mapped by somebody of supply; you can read them.").waitFor();
    await page.getByRole("row").filter({ hasText: "OFAR-3" }).getByText("V00012").waitFor();
    expect(await page.getByRole("button", { name: /^Change/ }).count()).toBe(0);
    expect(await faultsBothWays(page)).toEqual([]);
    expect(await mapping(page)).toBe(403);
    const lookedUp = await page.getByRole("table", { name: "Codes" }).textContent();
    expect(lookedUp).not.toContain("NEW-88");
  });
});

/** What the platform answers whoever is signed in on a page and asks for a mapping past what the page offers. */
const mapping = (page: Page): Promise<number> =>
  inPage(
    page,
    `(async () => {
      const { csrfToken } = await (await fetch("/auth/session")).json();
      const headers = { "content-type": "application/json", "x-csrf-token": csrfToken, "purpose-of-use": "administration",
        "idempotency-key": crypto.randomUUID() };
      const body = JSON.stringify({ system: "STORES", code: "NEW-88", target: "V00008", replaces: null });
      return (await fetch("/ops/v1/code-maps/supplier/entries", { method: "POST", headers, body })).status;
    })()`,
  );
