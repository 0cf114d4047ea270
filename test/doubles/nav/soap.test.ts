// SOAP pages and the codeunit: nested results, Keys, absent against empty, criteria, faults, hostile XML.

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readKey, writeKey } from "../../../doubles/nav/soap/key.ts";
import { escapeXml, parseXml } from "../../../doubles/nav/soap/xml.ts";
import { tableOfSet } from "../../../doubles/nav/tables/catalogue.ts";
import { type Answer, basic, pageNamespace, type Site, send, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.admin("reset", { method: "POST" }));

const page = "CRONUS%20UK%20Ltd./Page/Patients";
const call = (operation: string, content: string, headers?: Record<string, string>) =>
  site.soap(
    page,
    `<p:${operation} xmlns:p="${pageNamespace}">${content.replace(/<(\/?)(?=\w)/g, "<$1p:")}</p:${operation}>`,
    headers,
  );
const keyOf = (answer: Answer) => /<Key>([^<]*)<\/Key>/.exec(answer.text)![1]!;
const read = (number: string) => call("Read", `<No>${number}</No>`);
const found = (answer: Answer) =>
  [...answer.text.matchAll(/<No>PAT000(\d\d)<\/No>/g)].map((match) => match[1]).join(" ");
const many = (filters: Record<string, string>, rest = "<setSize>0</setSize>", headers?: Record<string, string>) =>
  call(
    "ReadMultiple",
    Object.entries(filters)
      .map(([field, criteria]) => `<filter><Field>${field}</Field><Criteria>${escapeXml(criteria)}</Criteria></filter>`)
      .join("") + rest,
    headers,
  );

describe("reading", () => {
  test("Read wraps the record once, in the page's namespace", async () => {
    const { text } = await read("PAT00001");
    expect(text).toContain(`<Read_Result xmlns="${pageNamespace}"><Patients><Key>`);
    expect(text).toContain("<Birth_Date>1948-03-12</Birth_Date><Gender>Female</Gender>");
    expect(text).toContain("<Deceased_Date>0001-01-01</Deceased_Date>");
  });

  test("Read of a missing record is an empty result and no fault", async () => {
    const answer = await read("PAT09999");
    expect([answer.status, /<Read_Result[^>]*><\/Read_Result>/.test(answer.text)]).toEqual([200, true]);
  });

  test("ReadMultiple nests its result twice", async () => {
    const { text } = await many({ No: "PAT00002" });
    expect(text).toMatch(/<ReadMultiple_Result xmlns="[^"]+"><ReadMultiple_Result><Patients><Key>/);
  });

  const rows: [field: string, criteria: string, found: string][] = [
    ["No", "PAT00002..PAT00004", "02 03 04"],
    ["No", "..PAT00001|PAT00012..", "01 12"],
    ["No", ">PAT00009&<>PAT00011", "10 12"],
    ["MRN", "rx1000007", "07"],
    ["MRN", "*00001?", "10 11 12"],
    ["Last_Name", "@*WICK", "01 12"],
    ["Last_Name", "*wick", "01 12"],
    ["Last_Name", "*WICK", ""],
    ["Last_Name", "'O''Hanrahan'", "06"],
    ["Address", "'Flat 5, 80 Quarry Road'", "03"],
    ["Birth_Date", "08/02/94", "08"],
    ["Birth_Date", "01/02/1994..1994-02-28", "08"],
    ["Gender", "Other", "08"],
    ["Deceased", "Yes", ""],
    ["Email", "", "unknown field"],
  ];
  test.each(rows)("criteria %s = %j finds %j", async (field, criteria, expected) => {
    const answer = await many({ [field]: criteria });
    expect(answer.status === 200 ? found(answer) : "unknown field").toBe(expected);
  });

  test("reads a date day first in English, with points in German, and refuses the other form", async () => {
    expect(found(await many({ Birth_Date: "08.02.94" }, undefined, { "accept-language": "de-DE" }))).toBe("08");
    const answer = await many({ Birth_Date: "08.02.94" });
    expect(answer.status).toBe(500);
    expect(answer.text).toContain("NavFilterException");
  });

  test("goes on from a bookmark, forwards and backwards", async () => {
    const first = await many({}, "<filter><Field>No</Field><Criteria></Criteria></filter><setSize>2</setSize>");
    expect(found(first)).toBe("01 02");
    const key = [...first.text.matchAll(/<Key>([^<]*)<\/Key>/g)].at(-1)![1]!;
    expect(found(await many({}, `<bookmarkKey>${key}</bookmarkKey><setSize>3</setSize>`))).toBe("03 04 05");
    expect(found(await many({}, `<bookmarkKey>${key}</bookmarkKey><setSize>-5</setSize>`))).toBe("01");
  });

  test("finds a record by its record id", async () => {
    const recId = await call("GetRecIdFromKey", `<Key>${keyOf(await read("PAT00005"))}</Key>`);
    const text = /<GetRecIdFromKey_Result>([^<]+)</.exec(recId.text)![1]!;
    expect(found(await call("ReadByRecId", `<recId>${text}</recId>`))).toBe("05");
  });
});

describe("writing", () => {
  const update = async (number: string, content: string) =>
    call("Update", `<Patients><Key>${keyOf(await read(number))}</Key>${content}</Patients>`);

  test("Create numbers the record and answers it with its Key", async () => {
    const answer = await call(
      "Create",
      "<Patients><MRN>rx55</MRN><Gender>_blank_</Gender><External_Reference>s-1</External_Reference></Patients>",
    );
    expect(answer.text).toContain("<No>PAT00013</No><MRN>RX55</MRN>");
    expect(answer.text).toContain("<Gender>_blank_</Gender>");
    expect(await site.ledger()).toMatchObject([{ kind: "insert", key: "PAT00013", idempotencyKey: "s-1" }]);
  });

  test("Update leaves absent and nil elements as they are and blanks empty ones", async () => {
    await update(
      "PAT00002",
      '<City/><First_Name>Tom &amp; &#x160;</First_Name><Last_Name xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>',
    );
    expect(await site.patient("PAT00002")).toMatchObject({
      city: "",
      firstName: "Tom & Š",
      lastName: "Brandreth",
      title: "Mr",
    });
  });

  test("Update under an old Key is refused as modified by another user", async () => {
    const key = keyOf(await read("PAT00002"));
    await update("PAT00002", "<City>Oneham</City>");
    const answer = await call("Update", `<Patients><Key>${key}</Key><City>Twoham</City></Patients>`);
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('xmlns:a="urn:microsoft-dynamics-schemas/error"');
    expect(answer.text).toContain("Other user has modified &quot;HC Patient No.='PAT00002'&quot;");
    expect((await call("IsUpdated", `<Key>${key}</Key>`)).text).toContain("<IsUpdated_Result>true</IsUpdated_Result>");
  });

  test("a used idempotency key refuses the write, and the codeunit tells what it was used for", async () => {
    await update("PAT00002", "<External_Reference>s-2</External_Reference>");
    const answer = await update("PAT00003", "<City>X</City><External_Reference>s-2</External_Reference>");
    expect(answer.text).toContain("NavCSideDuplicateKeyException");
    expect(answer.text).toContain("The Integration Key already exists. Identification fields and values: Key='s-2'");
    const codeunit = (key: string) =>
      site.soap(
        "CRONUS%20UK%20Ltd./Codeunit/IntegrationKeys",
        `<FindKey xmlns="urn:microsoft-dynamics-schemas/codeunit/IntegrationKeys"><key>${key}</key></FindKey>`,
      );
    expect((await codeunit("s-2")).text).toContain("<return_value>PAT00002</return_value>");
    expect((await codeunit("s-3")).text).toContain("<return_value></return_value>");
  });

  test.each(["", "abc", "4;AAAA;1;1;", "31;tMMAAAJ7CFAAQQBUADAAMAAwADAAMgA=;10;1000000002;", "8;EgAAAAJ7;1;1;"])(
    "a Key that is not the server's is refused: %j",
    async (key) => {
      expect((await call("IsUpdated", `<Key>${key}</Key>`)).text).toContain("The Key value is not valid.");
    },
  );

  test("Delete of a patient is refused", async () => {
    const answer = await call("Delete", `<Key>${keyOf(await read("PAT00002"))}</Key>`);
    expect([answer.status, answer.text.includes("Entity does not support delete.")]).toEqual([500, true]);
  });

  const refused: [promise: string, content: string, exception: string][] = [
    ["an over-long value", `<City>${"x".repeat(31)}</City>`, "NavNCLStringLengthExceededException"],
    ["a missing related record", "<Customer_No>C404</Customer_No>", "NavCSideValidateTableRelationException"],
    ["an unknown option", "<Gender>Both</Gender>", "NavNCLEvaluateException"],
    ["an unknown element", "<Shoe_Size>3</Shoe_Size>", "NavODataBadRequestException"],
  ];
  test.each(refused)("%s is a fault that names the exception", async (_promise, content, exception) => {
    const answer = await update("PAT00004", content);
    expect([answer.status, answer.text.includes(`a:Microsoft.Dynamics.Nav.Types.Exceptions.${exception}<`)]).toEqual([
      500,
      true,
    ]);
  });
});

describe("services", () => {
  const get = (path: string) =>
    send(`http://127.0.0.1:${site.double.soapPort}/BC/WS/${path}`, { headers: { authorization: basic } });

  test("are listed for a company and described by WSDL", async () => {
    expect((await get("St%20Elsewhere's,%20Trust/services")).text).toContain("/Page/Patients");
    const wsdl = await get(`${page}?wsdl`);
    expect(wsdl.text).toContain('soapAction="urn:microsoft-dynamics-schemas/page/patients:ReadMultiple"');
    expect(parseXml(wsdl.text).name).toBe("definitions");
    expect(parseXml((await get("CRONUS%20UK%20Ltd./Codeunit/IntegrationKeys?wsdl")).text).name).toBe("definitions");
  });

  test("list the companies without one in the path", async () => {
    const answer = await site.soap("SystemService", '<Companies xmlns="urn:microsoft-dynamics-schemas/nav/system/"/>');
    expect(answer.text).toContain("<return_value>St Elsewhere's, Trust</return_value>");
  });

  test("ask for credentials", async () => {
    const answer = await site.soap(page, "<Read/>", { authorization: "Basic bm86bm8=" });
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Basic realm=""']);
  });
});

describe("hostile XML", () => {
  const deep = "<a>".repeat(5000) + "</a>".repeat(5000);
  const bodies: [string, string][] = [
    ["an external entity", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>'],
    [
      "a document type, even an idle one",
      "<!DOCTYPE r><Envelope><Body><Read><No>PAT00001</No></Read></Body></Envelope>",
    ],
    ["an unknown entity", "<Envelope><Body><Read>&x;</Read></Body></Envelope>"],
    ["a control character", "<Envelope><Body><Read>&#x2;</Read></Body></Envelope>"],
    ["an unclosed element", "<Envelope><Body>"],
    ["no envelope", "<Read/>"],
    ["very deep nesting", `<Envelope><Body>${deep}</Body></Envelope>`],
    ["nothing", ""],
  ];
  test.each(bodies)("%s is refused with a fault", async (_promise, body) => {
    const url = `http://127.0.0.1:${site.double.soapPort}/BC/WS/${page}`;
    const answer = await send(url, { method: "POST", body, headers: { authorization: basic } });
    expect([answer.status, answer.text.includes("<s:Fault>")]).toEqual([500, true]);
  });

  test("a body beyond the limit is 413", async () => {
    await site.admin("switches", { method: "PUT", body: { maxBodyBytes: 2048 } });
    expect((await site.soap(page, `<Read>${"x".repeat(3000)}</Read>`)).status).toBe(413);
  });
});

test("a Key is read back as it was written", () => {
  const table = tableOfSet("patients")!;
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.nat(), (number, version) => {
      const key = writeKey(table, { id: "", version, values: { number } });
      expect(readKey(key)).toEqual({
        tableNumber: 50_100,
        primaryKey: number,
        version: String(1_000_000_000 + version),
      });
    }),
  );
});
