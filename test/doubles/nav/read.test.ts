// Reads over OData: addresses, filters and their refusals, order, paging, metadata.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cronus, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const where = (filter: string, more = "") =>
  site.hospital(`patients?$filter=${encodeURIComponent(filter)}&$select=number${more}`);
const numbers = (answer: { json: { value: { number: string }[] } }) =>
  answer.json.value.map(({ number }) => number.slice(-2)).join(" ");

describe("addresses", () => {
  const found: [string, string][] = [
    ["the page service of a company by name", "/BC/ODataV4/Company('CRONUS%20UK%20Ltd.')/Patients('PAT00001')"],
    ["a name with apostrophe and comma", "/BC/ODataV4/Company('St%20Elsewhere''s,%20Trust')/Patients(No='PAT00001')"],
    ["the same name fully encoded", "/BC/ODataV4/Company(%27St%20Elsewhere%27%27s%2C%20Trust%27)/Patients"],
    ["a company in the query", "/BC/ODataV4/Patients?company=CRONUS%20UK%20Ltd."],
    ["the companies by name", "/BC/ODataV4/Company"],
    ["the companies by id", `/BC/api/v2.0/companies(${cronus.id})`],
    ["a standard entity", `/BC/api/v2.0/companies(${cronus.id})/vendors`],
    ["a code key in lower case", "/BC/ODataV4/Company('CRONUS%20UK%20Ltd.')/Patients('pat00001')"],
  ];
  test.each(found)("%s is served", async (_promise, path) => {
    expect((await site.odata(path)).status).toBe(200);
  });

  const missing: [string, string, string][] = [
    [
      "an unknown company id",
      "/BC/api/v2.0/companies(11111111-aaaa-4bbb-8ccc-00000000ffff)/vendors",
      "Internal_CompanyNotFound",
    ],
    ["an unknown company name", "/BC/ODataV4/Company('CRONUS')/Patients", "Internal_CompanyNotFound"],
    ["no company at all", "/BC/api/v2.0/vendors", "Internal_CompanyNotFound"],
    [
      "a page that is not published",
      `/BC/api/v2.0/companies(${cronus.id})/itemJournals`,
      "BadRequest_ResourceNotFound",
    ],
    [
      "a custom page under the standard route",
      `/BC/api/v2.0/companies(${cronus.id})/patients`,
      "BadRequest_ResourceNotFound",
    ],
    ["another instance", "/NAV/ODataV4/Company", "BadRequest_ResourceNotFound"],
    [
      "a record that is not there",
      `/BC/api/v2.0/companies(${cronus.id})/vendors(11111111-aaaa-4bbb-8ccc-00000000ffff)`,
      "Internal_RecordNotFound",
    ],
  ];
  test.each(missing)("%s is 404", async (_promise, path, code) => {
    const answer = await site.odata(path);
    expect([answer.status, answer.json.error.code]).toEqual([404, code]);
  });

  test("an address that is too long is answered by the web server, not in JSON", async () => {
    const answer = await where(`mrn eq '${"x".repeat(20_000)}'`);
    expect([answer.status, answer.json]).toEqual([400, undefined]);
  });

  test("an id that is no GUID is refused", async () => {
    expect((await site.hospital("patients(PAT00001)")).json.error.code).toBe("Application_InvalidGUID");
  });

  test("an encoded company name is not found where an old version is played", async () => {
    const old = await startSite({ switches: { refuseEncodedCompany: true } });
    expect((await old.odata("/BC/ODataV4/Company(%27CRONUS%20UK%20Ltd.%27)/Patients")).status).toBe(404);
    expect((await old.odata("/BC/ODataV4/Company('CRONUS%20UK%20Ltd.')/Patients")).status).toBe(200);
    await old.close();
  });

  test("page services show caption names, API pages lower camel names", async () => {
    const page = await site.odata("/BC/ODataV4/Company('CRONUS%20UK%20Ltd.')/Patients('PAT00008')");
    expect(page.json).toMatchObject({
      No: "PAT00008",
      First_Name: "Robin",
      Merged_Into_No: "",
      Deceased_Date: "0001-01-01",
    });
    expect(page.json).not.toHaveProperty("id");
    expect(await site.patient("PAT00011")).toMatchObject({ firstName: "Noah", title: "", deceasedDate: "0001-01-01" });
  });
});

describe("filters", () => {
  const rows: [filter: string, found: string][] = [
    ["mrn eq 'rx1000003'", "03"],
    ["gender eq 'Other'", "08"],
    ["gender eq Microsoft.NAV.gender'Other'", "08"],
    ["birthDate lt 1947-01-01", "04 12"],
    ["birthDate ge 1994-02-08 and birthDate le 2003-09-15", "05 08"],
    ["lastName eq 'Fenwick' and gender ne 'Female'", "12"],
    ["number eq 'PAT00001' or number eq 'PAT00003'", "01 03"],
    ["(city eq 'Stonebeck' or city eq 'Little Marrow') and gender eq 'Male'", "04 06"],
    ["contains(lastName,'''')", "06"],
    ["startswith(mrn,'rx100001')", "10 11 12"],
    ["lastName eq 'fenwick'", ""],
    ["deceased eq true", ""],
    ["mergedIntoNumber eq '' and number gt 'PAT00011'", "12"],
    ["lastModifiedDateTime gt 2024-01-15T09:00:00Z", ""],
    ["lastModifiedDateTime ge 2024-01-15T10:00:00+01:00 and number eq 'PAT00002'", "02"],
    ["contacts/any(c: c/name eq 'x' or c/age gt 3) and number eq 'PAT00007'", "07"],
  ];
  test.each(rows)("%s finds %j", async (filter, found) => {
    expect(numbers(await where(filter))).toBe(found);
  });

  const refused: [filter: string, status: number, code: string][] = [
    ["city eq 'Stonebeck' or lastName eq 'Fenwick'", 501, "BadRequest_MethodNotImplemented"],
    ["tolower(city) eq 'x'", 501, "BadRequest_MethodNotImplemented"],
    ["shoeSize eq 3", 400, "BadRequest"],
    ["city eq", 404, "BadRequest_NotFound"],
    ["(city eq 'x'", 404, "BadRequest_NotFound"],
    ["city like 'x'", 404, "BadRequest_NotFound"],
    ["city eq 'x", 404, "BadRequest_NotFound"],
    ["number eq 'PAT000000000000000000001'", 400, "Application_FilterErrorException"],
  ];
  test.each(refused)("%s is refused", async (filter, status, code) => {
    const answer = await where(filter);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  });
});

describe("pages of records", () => {
  const follow = async (first: string, headers: Record<string, string>) => {
    const pages: string[] = [];
    for (let path: string | undefined = first; path !== undefined; ) {
      const answer = await site.odata(path, { headers });
      pages.push(numbers(answer));
      const next = answer.json["@odata.nextLink"] as string | undefined;
      path = next && new URL(next).pathname + new URL(next).search;
    }
    return pages;
  };
  const base = `/BC/api/lockgate/integration/v1.0/companies(${cronus.id})/patients`;

  test("follow the next link to the end without gap or repeat", async () => {
    expect(await follow(`${base}?$select=number`, { prefer: "odata.maxpagesize=5" })).toEqual([
      "01 02 03 04 05",
      "06 07 08 09 10",
      "11 12",
    ]);
  });

  test("keep a descending order with equal values over page ends", async () => {
    const pages = await follow(`${base}?$select=number&$orderby=city%20desc,birthDate`, {
      prefer: "odata.maxpagesize=4",
    });
    expect(pages.join(" ")).toBe("10 06 03 02 09 05 04 07 12 01 08 11");
  });

  test("end without next link when $top is given, whatever remains", async () => {
    const answer = await site.odata(`${base}?$top=3&$skip=2&$count=true`, {
      headers: { prefer: "odata.maxpagesize=2" },
    });
    expect(numbers(answer)).toBe("03 04");
    expect(answer.json["@odata.count"]).toBe(12);
    expect(answer.json).not.toHaveProperty("@odata.nextLink");
  });

  test("hold at most the server's page size", async () => {
    const small = await startSite({ switches: { pageSize: 7 } });
    expect((await small.hospital("patients")).json.value).toHaveLength(7);
    await small.close();
  });

  test("refuse a page token that is not the server's", async () => {
    expect((await site.odata(`${base}?$skiptoken=zzz`)).status).toBe(404);
  });
});

describe("metadata", () => {
  test("names types, lengths and bound actions", async () => {
    const { text } = await site.odata("/BC/api/v2.0/$metadata");
    expect(text).toContain('<Action Name="post" IsBound="true">');
    expect((await site.odata("/BC/api/lockgate/integration/v1.0/$metadata")).text).toContain(
      '<Property Name="mrn" Type="Edm.String" MaxLength="30"/>',
    );
  });

  test("level none leaves contexts and ETags out of bodies", async () => {
    const answer = await site.hospital("patients?$top=1", {
      headers: { accept: "application/json;odata.metadata=none" },
    });
    expect(answer.json).not.toHaveProperty("@odata.context");
    expect(answer.json.value[0]).not.toHaveProperty("@odata.etag");
    expect(answer.json.value[0].number).toBe("PAT00001");
  });
});

test("seeded patients carry valid NHS numbers of the test range", async () => {
  const { json } = await site.hospital("patients?$select=nationalId");
  for (const { nationalId } of json.value as { nationalId: string }[]) {
    const digits = [...nationalId].map(Number);
    const sum = digits.slice(0, 9).reduce((total, digit, index) => total + digit * (10 - index), 0);
    expect(nationalId).toMatch(/^999\d{7}$/);
    expect((11 - (sum % 11)) % 11).toBe(digits[9]);
  }
});
