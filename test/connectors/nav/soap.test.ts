// SOAP as NAV and those who pass for it speak it: escapes, faults, broken envelopes, keys that decide what is changed.

import { afterEach, describe, expect, test } from "vitest";
import type { CallContext } from "#canonical/contracts";
import type { LockgateError } from "#kernel/errors";
import { newTrace } from "#kernel/trace";
import { type Asked, httpPeer, patientsAt, type Said } from "./peer.ts";

const context = (): CallContext => ({ traceparent: newTrace() });
const xml = { "content-type": "text/xml; charset=utf-8" };
const values = { mrn: "M1", mrnAuthority: "RXX", familyName: "O'Neil & <Søn>" };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function soap(say: (asked: Asked) => Said) {
  const peer = await httpPeer(say);
  const patients = patientsAt(peer.port, { protocol: "soap", company: { name: "St Elsewhere's, Trust" } });
  closers.push(
    () => peer.close(),
    () => patients.close(),
  );
  return { peer, patients };
}

const inEnvelope = (content: string): string =>
  `<Soap:Envelope xmlns:Soap="http://schemas.xmlsoap.org/soap/envelope/"><Soap:Body>${content}</Soap:Body></Soap:Envelope>`;
const patient = (more: string): string =>
  `<Patients><Key>8;AAAA;1;7;</Key><No>PAT1</No>${more}<Last_Modified_Date_Time>2026-01-02T03:04:05Z</Last_Modified_Date_Time></Patients>`;
const created = (more: string): Said => ({
  status: 200,
  headers: xml,
  body: inEnvelope(`<Create_Result>${patient(more)}</Create_Result>`),
});
const fault = (exception: string, text: string, status = 500): Said => ({
  status,
  headers: xml,
  body: inEnvelope(
    `<s:Fault xmlns:s="x"><faultcode xmlns:a="y">a:Microsoft.Dynamics.Nav.Types.Exceptions.${exception}</faultcode><faultstring xml:lang="en-GB">${text}</faultstring></s:Fault>`,
  ),
});
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: LockgateError) => error.code,
  );

describe("SOAP to NAV", () => {
  test("names the company, the operation and the escaped values", async () => {
    const { peer, patients } = await soap(() => created(""));
    await patients.create(values, "key-1", context());
    const [asked] = peer.asked;
    expect(asked?.url).toBe("/BC/WS/St%20Elsewhere's%2C%20Trust/Page/Patients");
    expect(asked?.headers.soapaction).toBe('"urn:microsoft-dynamics-schemas/page/patients:Create"');
    expect(asked?.body).toContain("<Last_Name>O'Neil &amp; &lt;Søn&gt;</Last_Name>");
    expect(asked?.body).toContain("<External_Reference>key-1</External_Reference>");
    expect(asked?.body).not.toContain("<Title>");
  });

  test("reads references of every form, and leaves unknown ones as they are", async () => {
    const { patients } = await soap(() =>
      created("<Last_Name>O&apos;Neil &#38; &lt;S&#xF8;n&gt; &constructor; &#x1F3E5;</Last_Name><City> </City>"),
    );
    const { values: read } = await patients.create(values, "key-1", context());
    expect(read.familyName).toBe("O'Neil & <Søn> &constructor; 🏥");
    expect(read.title).toBeNull();
  });

  const broken: readonly (readonly [string, string])[] = [
    ["cut off", inEnvelope(`<Create_Result>${patient("")}</Create_Result>`).slice(0, -30)],
    ["without a record", inEnvelope("<Create_Result></Create_Result>")],
    ["of another operation", inEnvelope(`<Update_Result>${patient("")}</Update_Result>`)],
    [
      "with a document type",
      `<!DOCTYPE x [<!ENTITY a "b">]>${inEnvelope(`<Create_Result>${patient("")}</Create_Result>`)}`,
    ],
    ["with a record that has no key", inEnvelope("<Create_Result><Patients><No>PAT1</No></Patients></Create_Result>")],
    ["no XML", "OK"],
    ["empty", ""],
  ];
  test.each(broken)("leaves a write ambiguous when the answer is %s", async (_what, body) => {
    const { patients } = await soap(() => ({ status: 200, headers: xml, body }));
    expect(await outcome(patients.create(values, "key-1", context()))).toBe("ERP_BAD_ANSWER");
  });

  test.each([
    ["NavCSideException", "Other user has modified &quot;HC Patient No.=&apos;PAT1&apos;&quot;", 500, "ERP_STALE"],
    [
      "NavCSideException",
      "The operation could not complete because a record in the HC Patient table was locked by another user. Please retry the activity.",
      500,
      "ERP_LOCKED",
    ],
    ["NavCSideException", "The analysis view could not be updated.", 500, "ERP_BAD_ANSWER"],
    ["NavNCLDialogException", "The title is not allowed.", 500, "ERP_REFUSED"],
    ["NavNCLDialogException", "The title is not allowed.", 200, "ERP_REFUSED"],
    ["NavException", "Too many requests reached.", 429, "ERP_THROTTLED"],
    ["New.Fault of a sort", "Whatever.", 500, "ERP_BAD_ANSWER"],
  ])("tells faults apart: %s %#", async (exception, text, status, code) => {
    const { patients } = await soap(() => fault(exception, text, status));
    expect(await outcome(patients.create(values, "key-1", context()))).toBe(code);
  });

  test("compares the number of what it asked for: a filter that the ERP widens gives nobody else", async () => {
    const { patients } = await soap(() => ({
      status: 200,
      headers: xml,
      body: inEnvelope(
        `<ReadMultiple_Result><ReadMultiple_Result>${patient("")}</ReadMultiple_Result></ReadMultiple_Result>`,
      ),
    }));
    expect(await patients.read("PAT*", context())).toBeUndefined();
    expect((await patients.read("pat1", context()))?.externalId).toBe("PAT1");
  });

  test("stops when a filter filters nothing", async () => {
    const crowd = patient("").repeat(1_000);
    const { patients } = await soap(() => ({
      status: 200,
      headers: xml,
      body: inEnvelope(
        `<ReadMultiple_Result><ReadMultiple_Result>${crowd}</ReadMultiple_Result></ReadMultiple_Result>`,
      ),
    }));
    expect(await outcome(patients.findByNhsNumber({ nhsNumber: "9990001234" }, context()))).toBe("ERP_BAD_ANSWER");
  });
});
