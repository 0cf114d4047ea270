// A running NAV double for one test file, with short ways to call its OData, SOAP and admin addresses.

import {
  companies,
  demoCredentials,
  type FaultInput,
  type LedgerEntry,
  type NavDouble,
  type NavDoubleOptions,
  startNavDouble,
} from "../../../doubles/nav/index.ts";

/** An HTTP answer read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they check.
  json: any;
}

/** How one call differs from a plain GET. */
export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export const [cronus, elsewhere] = companies as [(typeof companies)[0], (typeof companies)[0]];
export const basic = `Basic ${Buffer.from(`${demoCredentials.user}:${demoCredentials.secret}`).toString("base64")}`;
export const pageNamespace = "urn:microsoft-dynamics-schemas/page/patients";

/** A double and its callers. */
export interface Site {
  double: NavDouble;
  /** Absolute URL on the OData port. */
  url(path: string): string;
  odata(path: string, call?: Call): Promise<Answer>;
  /** Custom API of the first company: `patients…`, `integrationKeys…`. */
  hospital(path: string, call?: Call): Promise<Answer>;
  /** Standard API of the first company. */
  standard(path: string, call?: Call): Promise<Answer>;
  soap(path: string, operation: string, headers?: Record<string, string>): Promise<Answer>;
  admin(path: string, call?: Call): Promise<Answer>;
  faults(...faults: FaultInput[]): Promise<void>;
  ledger(): Promise<LedgerEntry[]>;
  /** The patient of a number, as the custom API shows it. */
  patient(number: string): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a double on free ports. */
export async function startSite(options: NavDoubleOptions = {}): Promise<Site> {
  const double = await startNavDouble(options);
  const origin = `http://127.0.0.1:${double.odataPort}`;
  const soapOrigin = `http://127.0.0.1:${double.soapPort}/BC/WS`;
  const odata = (path: string, call: Call = {}): Promise<Answer> =>
    send(`${origin}${path}`, { ...call, headers: { authorization: basic, ...call.headers } });
  const hospital = (path: string, call?: Call): Promise<Answer> =>
    odata(`/BC/api/lockgate/integration/v1.0/companies(${cronus.id})/${path}`, call);
  const admin = (path: string, call?: Call): Promise<Answer> => send(`${origin}/admin/${path}`, call ?? {});
  return {
    double,
    url: (path) => `${origin}${path}`,
    odata,
    hospital,
    standard: (path, call) => odata(`/BC/api/v2.0/companies(${cronus.id})/${path}`, call),
    soap: (path, operation, headers = {}) =>
      send(`${soapOrigin}/${path}`, {
        method: "POST",
        body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${operation}</s:Body></s:Envelope>`,
        headers: { authorization: basic, "content-type": "text/xml", ...headers },
      }),
    admin,
    faults: async (...faults) => {
      const answer = await admin("faults", { method: "PUT", body: faults });
      if (answer.status !== 200) throw new Error(answer.text);
    },
    ledger: async () => {
      const { text } = await admin("ledger");
      return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as LedgerEntry]));
    },
    patient: async (number) => {
      const answer = await hospital(`patients?$filter=${encodeURIComponent(`number eq '${number}'`)}`);
      return answer.json.value[0];
    },
    close: () => double.close(),
  };
}

/** Sends a request; a body that is not text goes as JSON. */
export async function send(url: string, call: Call): Promise<Answer> {
  const { body } = call;
  const response = await fetch(url, {
    method: call.method ?? "GET",
    headers: { "content-type": "application/json", ...call.headers },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: asJson(text) };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
