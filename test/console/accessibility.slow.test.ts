// The console for everybody: nothing for axe to find on pages and their states, everything within reach of the keys, nothing cut off
// at twice the size.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { firstIfAny, furtherPages, placesOf, visit, visitFirst } from "./addresses.ts";
import { faultsOf, hasChromium, needsChromium, type Scheme, type Window } from "./chromium.ts";
import { faultsBothWays, focused, hold, loads, moving, settled, tabTo } from "./looking.ts";
import { scenes } from "./scenes.ts";
import { type SeatedSite, START_MS, startTalkingDemo } from "./seated-site.ts";

const CHANGE = "Change of a person's demographics";
const AN_ITEM = /\/work\/[0-9a-f-]{36}$/;
/** Some changes take two people, and say so. */
const APPROVE = /^Approve/;
const DONE = /This is decided|You chose/;
const SCHEMES: readonly Scheme[] = ["light", "dark"];
/** Those whose menu leads to what others before them have seen, but for what is their own. */
const hasSeenBefore = new Set(["Jane Approver", "Ada Auditor", "Max Administrator"]);
const SOMETHING = "01890a5d-ac96-774b-bcce-b302099a8057";
/** Pages that wait for an answer before they have anything to show, each kind of them. */
const loading = [
  ...[
    "/",
    "/work",
    "/codes",
    "/codes/item",
    "/dead-letters",
    "/messages",
    "/channels/adt",
    "/rules",
    "/measures",
    "/catalogue",
    "/access",
  ],
  ...["/work/", "/work/groups/", "/journeys/", "/dead-letters/replays/", "/people/"].map(
    (kind) => `${kind}${SOMETHING}`,
  ),
];

describe.skipIf(!hasChromium)(`the console for everybody${needsChromium}`, () => {
  let site: SeatedSite;
  beforeAll(async () => {
    site = await startTalkingDemo();
  }, START_MS);
  afterAll(() => site?.close(), START_MS);
  afterEach(() => site.leaveAll());

  const sit = async (name: string, window: Window = {}): Promise<Page> => (await site.sit(name, window)).page;

  /** Every address that somebody works at, those of single things among them; of those who see what others see, what is their own. */
  async function everyAddress(page: Page, name: string): Promise<string[]> {
    await page.goto(`${site.http}/console/`);
    await settled(page);
    const own = furtherPages[name] ?? [];
    const all = [
      ...(hasSeenBefore.has(name) ? own : [...(await placesOf(page)), ...own]),
      await firstIfAny(page, site.http, "/work", "/work/"),
    ];
    if (all.includes("/messages")) all.push(await firstIfAny(page, site.http, "/messages", "/journeys/"));
    if (name === "Stella Steward") all.push(await firstIfAny(page, site.http, all.at(-1)!, "/people/"));
    return all;
  }

  it.each<[string, Scheme]>([
    ["Olive Operator", "light"],
    ["Stella Steward", "dark"],
    ["Sue Supply", "dark"],
    ["Jane Approver", "light"],
    ["Ada Auditor", "dark"],
    ["Max Administrator", "dark"],
  ])(
    "gives axe nothing to find fault with on any page of %s's, in %s and in the other scheme at twice the size, where nothing is cut off",
    async (name, scheme) => {
      const page = await sit(name, { scheme });
      for (const address of await everyAddress(page, name)) {
        await visit(page, site.http, address);
        expect(await faultsBothWays(page), address).toEqual([]);
      }
    },
  );

  it.each(scenes)(
    "gives axe nothing to find fault with in what comes of what %s does, and cuts nothing off",
    async (name, play) => {
      const page = await sit(name);
      for await (const scene of play(page, site)) expect(await faultsBothWays(page), scene).toEqual([]);
    },
  );

  describe.each(SCHEMES)("in %s", (scheme) => {
    it.each(["/journeys", "/work?queue=nobodys", "/dead-letters?channel=nobodys", "/messages?channel=nobodys"])(
      "gives axe nothing to find fault with where there is nothing: %s",
      async (address) => {
        const page = await sit("Olive Operator", { scheme });
        await visit(page, site.http, address);
        expect(await faultsOf(page)).toEqual([]);
      },
    );

    it.each<[string, number]>([
      ["it failed", 500],
      ["one may not", 403],
    ])("gives axe nothing to find fault with where %s", async (_, status) => {
      const page = await sit("Olive Operator", { scheme, mayFail: true });
      await page.route("**/ops/v1/**", (route) =>
        route.fulfill({ status, json: { code: "INTERNAL", title: "It did not work." } }),
      );
      for (const address of [
        "/",
        "/work",
        "/codes",
        "/codes/item",
        "/dead-letters",
        "/channels",
        "/measures",
        "/catalogue",
        "/credentials",
      ]) {
        await page.goto(`${site.http}/console${address}`);
        await page.getByRole("alert").first().waitFor({ timeout: 30_000, state: "attached" });
        expect(await faultsOf(page), address).toEqual([]);
      }
      await page.unrouteAll({ behavior: "ignoreErrors" });
    });

    it("gives axe nothing to find fault with while a page loads, and moves nothing there for whoever asks for less motion", async () => {
      const page = await sit("Olive Operator", { scheme });
      const goOn = await hold(page, "**/ops/v1/**");
      for (const address of loading) {
        await page.goto(`${site.http}/console${address}`);
        // The frame comes first, then the script of the page, then the page itself.
        await page.locator("#content h1:not(.visually-hidden)").waitFor();
        await loads(page);
        expect(await faultsOf(page), address).toEqual([]);
        expect(await moving(page), address).toEqual([]);
      }
      await goOn();
      await settled(page);
      expect(await moving(page)).toEqual([]);
    });

    it("gives axe nothing to find fault with where a part of a page failed", async () => {
      const page = await sit("Olive Operator", { scheme, mayFail: true });
      await page.route("**/metrics/series**", (route) =>
        route.fulfill({ status: 500, json: { code: "INTERNAL", title: "It did not work." } }),
      );
      await visit(page, site.http, "/");
      await page.getByRole("alert").first().waitFor({ timeout: 30_000 });
      await page.getByRole("table", { name: "Flows" }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });

    it("gives axe nothing to find fault with in what opens: dialogs, alarms, menus, and a message that is revealed", async () => {
      const page = await sit("Olive Operator", { scheme });
      await visit(page, site.http, "/channels/adt");
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("dialog").getByLabel("Reason").fill("for a test of the pages");
      expect(await faultsOf(page), "steering").toEqual([]);
      await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await visit(page, site.http, "/");
      await page.getByText("Channel adt is paused.").waitFor();
      expect(await faultsOf(page), "alarm").toEqual([]);
      await page.getByRole("button", { name: "Olive Operator" }).click();
      await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
      expect(await faultsOf(page), "menu").toEqual([]);
      await visit(page, site.http, "/channels/adt");
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await visit(page, site.http, "/work");
      await page
        .getByRole("button", { name: /^Act on all/ })
        .first()
        .click();
      await page.getByRole("dialog").waitFor();
      expect(await faultsOf(page), "group").toEqual([]);
      await visitFirst(page, site.http, "/messages?state=complete&channel=adt", "/journeys/");
      await page.getByLabel("Why you have to look").fill("the sender calls and asks");
      await page.getByRole("button", { name: "Show the message" }).click();
      await page.getByRole("table", { name: "The person as Lockgate reads it" }).waitFor();
      expect(await faultsOf(page), "revealed").toEqual([]);
    });
  });

  it("shows where a field came from in the message, and which field a part of it became", async () => {
    const page = await sit("Olive Operator");
    await visitFirst(page, site.http, "/messages?state=complete", "/journeys/");
    await page.getByLabel("Why you have to look").fill("the sender calls and asks");
    await page.getByRole("button", { name: "Show the message" }).click();
    const row = page
      .getByRole("table", { name: "The person as Lockgate reads it" })
      .getByRole("row", { name: "Family name" });
    const place = await row.getByRole("cell").last().textContent();
    expect(place).toMatch(/^PID-5/);
    await row.getByRole("button").click();
    const marked = page.getByRole("table", { name: "Fields of the message" }).locator('[aria-pressed="true"]');
    expect(await marked.first().getAttribute("aria-label")).toContain(`${place}, `);
    await page.getByRole("button", { name: /: Date of birth$/ }).click();
    expect(await row.getByRole("button").getAttribute("aria-pressed")).toBe("false");
    expect(await page.getByRole("button", { name: "Date of birth", exact: true }).getAttribute("aria-pressed")).toBe(
      "true",
    );
  });

  describe("by the keys alone", () => {
    it("begins with the way past the menu, and goes on in the content", async () => {
      const page = await sit("Jane Approver");
      await visit(page, site.http, "/work");
      await page.bringToFront();
      await page.keyboard.press("Tab");
      expect(await focused(page)).toMatchObject({ name: "Skip to the content", isShown: true });
      await page.keyboard.press("Enter");
      await tabTo(page, "Domain", { most: 1 });
    });

    it("approves a change", async () => {
      const page = await sit("Jane Approver");
      await visit(page, site.http, "/work?queue=demographics");
      await tabTo(page, CHANGE, { to: AN_ITEM });
      await page.keyboard.press("Enter");
      await page.getByRole("table", { name: "What is decided on" }).waitFor();
      await page.getByRole("button", { name: APPROVE }).waitFor();
      await tabTo(page, APPROVE);
      await page.keyboard.press("Enter");
      await page.getByText(DONE).first().waitFor();
      expect((await focused(page)).name).toMatch(DONE);
    });

    it("reviews a match", async () => {
      const page = await sit("Stella Steward");
      await visit(page, site.http, "/work?queue=match-steward");
      await tabTo(page, "It is not certain whom a statement is about", { to: AN_ITEM });
      await page.keyboard.press("Enter");
      await page.getByRole("table", { name: "Side by side" }).waitFor();
      await page.getByRole("button", { name: "None of these: a new person" }).waitFor();
      await tabTo(page, "None of these: a new person");
      await page.keyboard.press("Enter");
      await page.getByText(DONE).first().waitFor();
      expect((await focused(page)).name).toMatch(DONE);
    });

    it("maps a code, and all lines that wait for it are tried again", async () => {
      expect(await site.order({ number: "R-700", lines: [{ supplier: "KEYS-1^Brae Linen" }] })).toBe("AA");
      const title = "Unknown supplier code KEYS-1 of STORES";
      const page = await sit("Sue Supply");
      await visit(page, site.http, "/work?domain=supply");
      await page.getByRole("row").filter({ hasText: title }).first().waitFor();
      await tabTo(page, `Map the code: ${title}`);
      await page.keyboard.press("Enter");
      await page.getByRole("radio", { name: /V00009/ }).waitFor();
      await tabTo(page, "Search the ERP’s suppliers");
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type("linen");
      await tabTo(page, /^V00009/, { most: 1 });
      await page.keyboard.press("Space");
      await tabTo(page, "Map KEYS-1 to V00009 and try 1 line again", { most: 1 });
      await page.keyboard.press("Enter");
      await page.getByText("1 done").waitFor();
      await until(async () => (await site.nav.linesOf("R-700")).length === 1, 30_000);
    });

    it("keeps the focus in a dialog, and gives it back to what opened it", async () => {
      const page = await sit("Olive Operator");
      await visit(page, site.http, "/work");
      const opener = await tabTo(page, /^Act on all/);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await until(async () => (await focused(page)).isInDialog);
      for (let turn = 0; turn < 8; turn += 1) {
        await page.keyboard.press("Tab");
        expect((await focused(page)).isInDialog).toBe(true);
      }
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await until(async () => (await focused(page)).name === opener.name);
    });
  });

  it("gives axe nothing to find fault with while the script of a page is on its way", async () => {
    const page = await sit("Olive Operator");
    await visit(page, site.http, "/");
    const goOn = await hold(page, "**/assets/ChannelsPage*.js");
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Channels" }).click();
    const frame = page.getByRole("navigation", { name: "Places" });
    for (const isFirst of [false, true]) {
      if (isFirst) await page.reload();
      await frame.waitFor();
      await loads(page);
      expect(await faultsOf(page), isFirst ? "as the first page" : "after another page").toEqual([]);
    }
    await goOn();
    await page.getByRole("heading", { level: 1, name: "Channels" }).waitFor();
  });

  it("moves nothing that opens for whoever asks for less motion, and for others what loads", async () => {
    const page = await sit("Olive Operator");
    await visit(page, site.http, "/channels/adt");
    await page.getByRole("button", { name: "Olive Operator" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    expect(await moving(page), "menu").toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await moving(page), "dialog").toEqual([]);
    const lively = await sit("Olive Operator", { mayMove: true });
    const goOn = await hold(lively, "**/ops/v1/**");
    await lively.goto(`${site.http}/console/work`);
    await loads(lively);
    expect(await moving(lively)).not.toEqual([]);
    await goOn();
  });

  it("puts the menu away at twice the size, out of reach of the keys until it is opened", async () => {
    const page = await sit("Olive Operator", { zoom: 2 });
    await visit(page, site.http, "/work");
    await tabTo(page, "Olive Operator");
    await tabTo(page, "Domain", { most: 1 });
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Channels" }).click();
    await page.getByRole("heading", { level: 1, name: "Channels" }).waitFor();
    await page.getByRole("navigation", { name: "Places" }).waitFor({ state: "hidden" });
  });
});
