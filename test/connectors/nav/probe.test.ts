// What the doctor asks of a NAV connection, and what it is told.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { navSettings } from "#connectors/nav";
import { newTrace } from "#kernel/trace";
import { companies, demoCredentials, type NavDouble, startNavDouble } from "../../../doubles/nav/index.ts";
import { companyId, httpPeer, navAt } from "./peer.ts";

const context = { traceparent: newTrace() };

describe("the probe of a NAV connection", () => {
  let double: NavDouble;
  beforeEach(async () => {
    double = await startNavDouble();
  });
  afterEach(() => double.close());

  const probe = async (
    more: Record<string, unknown>,
    port = double.odataPort,
    part: "patients" | "supplies" = "patients",
  ): Promise<unknown> => {
    const nav = navAt(port, { user: demoCredentials.user, accessKey: demoCredentials.secret, ...more });
    try {
      return await nav[part].probe(context).then(
        () => "sound",
        (error: unknown) => error,
      );
    } finally {
      await nav.close();
    }
  };

  test.each(companies.map(({ name }) => name))(
    "is content with the company %s by its name alone, over both protocols and with its worksheet",
    async (name) => {
      expect(await probe({ company: { name } })).toBe("sound");
      expect(await probe({ company: { name }, protocol: "soap" }, double.soapPort)).toBe("sound");
      expect(await probe({ company: { name } }, double.odataPort, "supplies")).toBe("sound");
    },
  );

  test("names a wrong access key, over both protocols", async () => {
    expect(await probe({ accessKey: "wrong" })).toMatchObject({ code: "ERP_UNAUTHORISED" });
    expect(await probe({ accessKey: "wrong", protocol: "soap" }, double.soapPort)).toMatchObject({
      code: "ERP_UNAUTHORISED",
    });
  });

  test("names a company the ERP does not have", async () => {
    const unknown = { code: "ERP_UNSUPPORTED" };
    expect(await probe({ company: { name: "Nobody Ltd." } })).toMatchObject({ ...unknown, at: "company.name" });
    expect(await probe({ company: { id: companyId.replace("1", "9"), name: "x" } })).toMatchObject(unknown);
    expect(await probe({ company: { name: "Nobody Ltd." }, protocol: "soap" }, double.soapPort)).toMatchObject(unknown);
  });

  test("names an address where nobody listens", async () => {
    const { odataPort } = double;
    const other = await startNavDouble();
    await other.close();
    expect(odataPort).not.toBe(other.odataPort);
    expect(await probe({}, other.odataPort)).toMatchObject({ code: "ERP_UNAVAILABLE" });
  });

  const edits: readonly (readonly [string, string, string, string])[] = [
    [
      "a field that the page lacks",
      '<Property Name="gpPracticeCode"',
      '<Property Name="surgeryCode"',
      "patients.gpPracticeCode",
    ],
    [
      "a field that holds less",
      'Name="lastName" Type="Edm.String" MaxLength="50"',
      'Name="lastName" Type="Edm.String" MaxLength="30"',
      "patients.lastName",
    ],
    [
      "the page of keys, if it is not published",
      '<EntitySet Name="integrationKeys"',
      '<EntitySet Name="other"',
      "integrationKeys",
    ],
    [
      "the worksheet, if it is not published",
      '<EntitySet Name="requisitionLines"',
      '<EntitySet Name="other"',
      "requisitionLines",
    ],
    [
      "a field of the worksheet that holds less",
      'Name="orderNumber" Type="Edm.String" MaxLength="35"',
      'Name="orderNumber" Type="Edm.String" MaxLength="20"',
      "requisitionLines.orderNumber",
    ],
  ];
  test.each(edits)("names %s", async (_what, from, to, at) => {
    const path = "/BC/api/lockgate/integration/v1.0/$metadata";
    const authorization = `Basic ${Buffer.from(`${demoCredentials.user}:${demoCredentials.secret}`).toString("base64")}`;
    const metadata = await (
      await fetch(`http://127.0.0.1:${double.odataPort}${path}`, { headers: { authorization } })
    ).text();
    expect(metadata).toContain(from);
    const peer = await httpPeer(() => ({ status: 200, body: metadata.replace(from, to) }));
    try {
      const part = at.startsWith("requisitionLines") ? "supplies" : "patients";
      expect(await probe({}, peer.port, part)).toMatchObject({ code: "ERP_UNSUPPORTED", at });
    } finally {
      await peer.close();
    }
  });
});

describe("the settings of a NAV connection", () => {
  const least = {
    name: "nav-main",
    baseUrl: "https://nav.example:7048/BC",
    company: { name: "CRONUS UK Ltd." },
    user: "LOCKGATE",
    accessKey: "key",
  };

  test("need no more than name, address, company and credentials", () => {
    expect(navSettings.parse(least)).toEqual({ ...least, protocol: "odata", timeoutMs: 30_000, maxConnections: 4 });
  });

  const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
    ["an unknown setting", { retries: 3 }],
    ["another protocol", { protocol: "ftp" }],
    ["an address of another scheme", { baseUrl: "ftp://nav.example/BC" }],
    ["an address with credentials", { baseUrl: "https://a:b@nav.example/BC" }],
    ["an address with a query", { baseUrl: "https://nav.example/BC?x=1" }],
    ["an address that ends with a slash", { baseUrl: "https://nav.example/BC/" }],
    ["a company without a name", { company: { id: companyId } }],
    ["a company id that is none", { company: { id: "1", name: "x" } }],
    ["credentials outside ASCII", { accessKey: "schlüssel" }],
    ["no time at all", { timeoutMs: 0 }],
    ["no connection", { maxConnections: 0 }],
  ];
  test.each(wrong)("refuse %s", (_what, more) => {
    expect(navSettings.safeParse({ ...least, ...more }).success).toBe(false);
  });

  test("have a description each", () => {
    for (const [name, schema] of Object.entries(navSettings.shape)) expect(schema.description, name).toMatch(/\w{4}/);
  });
});
