// A message that stopped at a broken field, mended at the console by one person and agreed to by another.

import { expect, it } from "vitest";
import { testNhsNumber } from "../journeys/adt.ts";
import { nationally } from "../journeys/telling.ts";
import { until } from "../until.ts";
import { hasChromium, needsChromium, openChromium, openSeat, signIn } from "./chromium.ts";
import { startConsoleSite } from "./console-site.ts";
import { faultsBothWays } from "./looking.ts";
import { approve, goTo } from "./pages.ts";

const A_DAY_AGO = Date.now() - 86_400_000;
const BROKEN = "19791402";

it.skipIf(!hasChromium)(
  `a dead letter is mended by an operator, agreed to by an engineer who sees what changes, and arrives in NAV${needsChromium}`,
  async () => {
    const [browser, site] = await Promise.all([openChromium(), startConsoleSite()]);
    const leaving: (() => Promise<unknown>)[] = [() => site.close(), () => browser.close()];
    const sit = async (name: string) => {
      const seat = await openSeat(browser);
      leaving.push(() => seat.leave());
      await signIn(seat, site.http, name);
      return seat;
    };
    try {
      const person = { mrn: "CM1", nhsNumber: testNhsNumber(9_400), addressLine1: "1 Lock Row", birthDate: "19790214" };
      const record = async () => (await site.nav.patientsBy("CM1"))[0];
      await site.pds.know(nationally(person.nhsNumber, { birthDate: "1979-02-14" }));
      expect(await site.say({ event: "A28", controlId: "CM1-0", at: A_DAY_AGO, person })).toBe("AA");
      await until(async () => (await record()) !== undefined, 30_000);
      const broken = { ...person, addressLine1: "2 Lock Row", birthDate: BROKEN };
      expect(await site.say({ event: "A31", controlId: "CM1-1", at: A_DAY_AGO + 1_000, person: broken })).toBe("AE");

      const { page } = await sit("Olive Operator");
      await goTo(page, "Dead letters");
      await page.getByRole("link", { name: "Mend" }).click();
      await page.getByLabel("Why you have to look").fill("mending the date of birth");
      await page.getByRole("button", { name: "Show the message" }).click();
      await page.getByText("It stopped here").waitFor();
      const message = page.getByLabel("The message", { exact: true });
      const text = await message.inputValue();
      expect(text).toContain(BROKEN);
      await page.getByLabel("How you know what is right").fill("month and day were swapped, says the ward");
      await message.fill(text.replace(BROKEN, "19791503"));
      await page.getByRole("button", { name: "Propose it" }).click();
      await page.getByText("HL7_BAD_VALUE").waitFor();
      await page.getByText("Look at PID-7").waitFor();
      await message.fill(text.replace(BROKEN, "19790214"));
      const changes = page.getByRole("table", { name: "What is changed" });
      await changes.getByRole("row").filter({ hasText: "PID-7" }).waitFor();
      await page.getByRole("button", { name: "Propose it" }).click();
      await page.getByText("It is proposed").waitFor();
      await page.getByRole("link", { name: "The item that asks them" }).click();
      await page.getByText("You brought this about, so somebody else decides.").waitFor();
      expect((await record())!.addressLine1).toBe("1 Lock Row");

      const other = await sit("Ivan Integration");
      await other.page.goto(page.url());
      await other.page.getByLabel("Why you have to look").fill("deciding on a mended message");
      await other.page.getByRole("button", { name: "Show both messages" }).click();
      const row = other.page
        .getByRole("table", { name: "What is changed" })
        .getByRole("row")
        .filter({ hasText: "PID-7" });
      await row.getByText(BROKEN).waitFor();
      await row.getByText("19790214").waitFor();
      expect(await other.page.getByRole("table", { name: "What is changed" }).getByRole("row").count()).toBe(2);
      expect(await faultsBothWays(other.page)).toEqual([]);
      await approve(other.page);
      await other.page.getByText("This is decided").waitFor();
      await until(async () => (await record())?.addressLine1 === "2 Lock Row", 30_000);

      await other.page.getByRole("link", { name: "See what became of it" }).click();
      await other.page.getByRole("link", { name: "The journey that this began" }).click();
      await other.page.getByRole("link", { name: "The journey of the original" }).waitFor();
      const head = other.page.getByRole("heading", { level: 1, name: "Journey" }).locator("..");
      await head.getByText("complete", { exact: true }).waitFor({ timeout: 30_000 });
      for (const url of [page.url(), other.page.url()]) expect(url).not.toContain(person.nhsNumber);
      await goTo(page, "Dead letters");
      await page.getByText("Every message could be handled.").waitFor();
    } finally {
      for (const leave of leaving.toReversed()) await leave();
    }
  },
  400_000,
);
