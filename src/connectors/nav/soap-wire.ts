// SOAP 1.1 calls to NAV's page and codeunit web services: envelopes out, records or faults in.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { CallContext } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { codeOf, errorFrom, signOf } from "./dispositions.ts";
import type { Exchange, NavAnswer } from "./exchange.ts";

const envelope = "http://schemas.xmlsoap.org/soap/envelope/";
const schemas = "urn:microsoft-dynamics-schemas";

/** A record of a page: its elements' texts by name, `Key` among them. */
export type SoapRecord = Readonly<Record<string, string>>;

/** One condition of `ReadMultiple`: a field and an expression of NAV's filter language. */
type SoapFilter = { readonly field: string; readonly criteria: string };

/** Calls to one company's services. */
export type SoapWire = {
  /** Records in the order of the primary key, after the one with `bookmark` (a `Key`). */
  readMultiple(
    filters: readonly SoapFilter[],
    size: number,
    bookmark: string,
    context: CallContext,
  ): Promise<SoapRecord[]>;
  /** `Create`, or `Update` of the record that the `Key` among the fields names, if it is still at that version. */
  write(operation: "Create" | "Update", fields: SoapRecord, context: CallContext): Promise<SoapRecord>;
  /** The number of the record written under a key; empty if there is none. */
  findKey(key: string, context: CallContext): Promise<string>;
};

/** @param root path of the company's services, without a slash at its end */
export function soapWire(exchange: Exchange, root: string): SoapWire {
  const call = async (service: Service, operation: string, content: string, isWrite: boolean, context: CallContext) => {
    const namespace = `${schemas}/${service.kind}/${service.name}`;
    const body =
      `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${envelope}"><s:Body>` +
      `<${operation} xmlns="${namespace}">${content}</${operation}></s:Body></s:Envelope>`;
    const headers = { "content-type": "text/xml; charset=utf-8", soapaction: `"${namespace}:${operation}"` };
    const request = { method: "POST", path: `${root}/${service.path}`, headers, body, isWrite } as const;
    return bodyOf(await exchange.send(request, context), operation, isWrite);
  };

  return {
    readMultiple: async (filters, size, bookmark, context) => {
      const conditions = filters.map(({ field, criteria }) =>
        element("filter", element("Field", field) + element("Criteria", escapeXml(criteria))),
      );
      const content = `${conditions.join("")}${element("bookmarkKey", escapeXml(bookmark))}${element("setSize", String(size))}`;
      const result = await call(patients, "ReadMultiple", content, false, context);
      return recordsOf(isNode(result) ? result.ReadMultiple_Result : undefined);
    },
    write: async (operation, fields, context) => {
      const elements = Object.entries(fields).map(([name, text]) => element(name, escapeXml(text)));
      const result = await call(patients, operation, element("Patients", elements.join("")), true, context);
      const record = recordsOf(result)[0];
      if (!record) throw new LockgateError("ERP_BAD_ANSWER", { reason: "NO_RECORD" });
      return record;
    },
    findKey: async (key, context) => {
      const result = await call(keys, "FindKey", element("key", escapeXml(key)), false, context);
      if (!isNode(result) || typeof result.return_value !== "string") throw unreadable();
      return decoded(result.return_value);
    },
  };
}

/** A value in NAV's filter language: in quotes no character means more than itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

type Service = { readonly kind: "page" | "codeunit"; readonly name: string; readonly path: string };
const patients: Service = { kind: "page", name: "patients", path: "Page/Patients" };
const keys: Service = { kind: "codeunit", name: "IntegrationKeys", path: "Codeunit/IntegrationKeys" };

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character]!);
const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

// No attributes, no numbers guessed, no entities expanded: the five and the numeric ones are decoded here.
const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: (name) => name === "Patients",
});

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value);
const unreadable = (): LockgateError => new LockgateError("ERP_BAD_ANSWER", { reason: "UNREADABLE" });

/** What lies inside the `<…_Result>` element: an element, or text if it is empty. */
function bodyOf(answer: NavAnswer, operation: string, isWrite: boolean): unknown {
  const { status, retryAfterMs } = answer;
  const body = parsed(answer.text);
  if (isNode(body) && isNode(body.Fault)) {
    const { faultcode, faultstring } = body.Fault;
    const code = typeof faultcode === "string" ? codeOf(faultcode.split(/[.:]/).at(-1)) : undefined;
    const sign = typeof faultstring === "string" ? signOf(decoded(faultstring)) : undefined;
    // A fault is a refusal whatever status an in-between gave it; NAV itself says 500.
    throw errorFrom({ phase: "answered", status: status < 400 ? 500 : status, code, sign, retryAfterMs }, isWrite);
  }
  const result = isNode(body) ? body[`${operation}_Result`] : undefined;
  if (status !== 200 || result === undefined) throw errorFrom({ phase: "answered", status, retryAfterMs }, isWrite);
  return result;
}

/** The content of the SOAP body; undefined if the text is no whole envelope. */
function parsed(text: string | undefined): unknown {
  if (text === undefined || /<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) return undefined;
  const document = parser.parse(text) as { Envelope?: { Body?: unknown } };
  return document.Envelope?.Body;
}

function recordsOf(result: unknown): SoapRecord[] {
  const found = isNode(result) && Array.isArray(result.Patients) ? result.Patients : [];
  return found.filter(isNode).map((node) => {
    const texts = Object.entries(node).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Object.fromEntries(texts.map(([name, text]) => [name, decoded(text)]));
  });
}

const named = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Text with its references replaced (XML 1.0 §4.1); one that means nothing stays as it is. */
function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named.get(name) ?? all;
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}
