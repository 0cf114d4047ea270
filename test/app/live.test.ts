// A live site refuses to be anything that only a demonstration may be.

import { describe, expect, it, test } from "vitest";
import { configSchema } from "../../src/app/config.ts";
import { refuseUnfitLive, refuseUnmetCertificates } from "../../src/app/live.ts";

const fit = {
  site: "st-elsewhere",
  environment: "live",
  http: { tls: { certificateFile: "hub.pem", keyFile: "hub.key" } },
  nav: {
    name: "nav",
    baseUrl: "https://nav.trust.example/BC",
    company: { name: "Trust" },
    user: "LOCKGATE",
    accessKey: "a-key-of-its-own",
  },
  pds: {
    baseUrl: "https://api.service.nhs.uk/personal-demographics/FHIR/R4",
    tokenUrl: "https://api.service.nhs.uk/oauth2/token",
    apiKey: "an-api-key",
    kid: "one",
    privateKey: "a private key",
  },
  identity: {
    publicUrl: "https://hub.trust.example",
    issuers: [
      {
        name: "trust",
        kind: "oidc",
        issuer: "https://id.trust.example",
        jwksUrl: "https://id.trust.example/keys",
        audience: "https://hub.trust.example",
      },
    ],
  },
};
const refusalOf = (change: object): unknown => {
  try {
    refuseUnfitLive(configSchema.parse({ ...fit, ...change }), true);
    return undefined;
  } catch (thrown) {
    const { code, at, reason } = thrown as { code: string; at: string; reason: string };
    return `${code} ${at} ${reason}`;
  }
};

describe("a live site", () => {
  it("starts when it is fit", () => {
    expect(refusalOf({})).toBeUndefined();
  });

  test.each([
    ["the demo's channels", { site: "demo" }, "site the demo site is never live"],
    ["no ERP, for which the demo would start a double", { nav: undefined }, "nav missing"],
    ["no national service", { pds: undefined }, "pds missing"],
    ["HTTP in the clear", { http: {} }, "http.tls missing"],
    ["no public address", { identity: { ...fit.identity, publicUrl: undefined } }, "identity.publicUrl missing"],
    [
      "a public address in the clear",
      { identity: { ...fit.identity, publicUrl: "http://hub.trust.example" } },
      "identity.publicUrl not https",
    ],
    ["an ERP in the clear", { nav: { ...fit.nav, baseUrl: "http://nav.trust.example/BC" } }, "nav.baseUrl not https"],
    [
      "tokens of the national service in the clear",
      { pds: { ...fit.pds, tokenUrl: "http://x.example" } },
      "pds.tokenUrl not https",
    ],
    [
      "an issuer in the clear",
      { identity: { ...fit.identity, issuers: [{ ...fit.identity.issuers[0], jwksUrl: "http://id.example/keys" }] } },
      "identity.issuers not https",
    ],
    [
      "the demo's identity provider",
      { identity: { ...fit.identity, issuers: [{ ...fit.identity.issuers[0], audience: "urn:lockgate:demo" }] } },
      "identity.issuers the demo's identity provider is never live",
    ],
    [
      "a gateway at which nobody could sign in",
      { identity: { publicUrl: fit.identity.publicUrl } },
      "identity nobody could sign in: there is neither an issuer nor a client",
    ],
    [
      "a client whose keys come in the clear",
      { identity: { ...fit.identity, clients: [{ id: "r", jwksUrl: "http://r.example", scopes: ["work.list"] }] } },
      "identity.clients not https",
    ],
    [
      "the demo's ERP key",
      { nav: { ...fit.nav, accessKey: "lockgate-demo-key" } },
      "nav.accessKey a secret of the demo",
    ],
    ["the demo's API key", { pds: { ...fit.pds, apiKey: "lockgate-demo" } }, "pds.apiKey a secret of the demo"],
  ])("refuses %s", (_, change, refusal) => {
    expect(refusalOf(change)).toBe(`CONFIG_INVALID ${refusal}`);
    expect(refusalOf({ ...change, environment: "test" }), "a site for tests").toBeUndefined();
  });
});

test("a client's certificate is not named where nobody is asked for one", () => {
  const clients = [{ id: "r", jwksUrl: "https://r.example", scopes: ["work.list"], certificate: "a".repeat(43) }];
  const config = configSchema.parse({ ...fit, identity: { ...fit.identity, clients } });
  expect(() => refuseUnmetCertificates(config)).toThrowError(
    expect.objectContaining({ code: "CONFIG_INVALID", at: "identity.clients.0.certificate" }),
  );
});
