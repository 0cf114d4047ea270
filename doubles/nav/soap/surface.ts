// The SOAP port as a surface: envelopes in, nested results or NAV faults out.

import { exceptionOf, NavRefusal, refuse } from "../errors.ts";
import { type Language, text } from "../language.ts";
import type { Reply } from "../odata/reply.ts";
import type { Caller } from "../odata/service.ts";
import { noFacts, type Surface, type SurfaceRequest, touchRow } from "../surface.ts";
import { readSoapAddress, type SoapAddress } from "./address.ts";
import { codeunit, runCodeunit } from "./codeunit.ts";
import { bookmarked, pageOperation } from "./page.ts";
import { codeunitNamespace, codeunitWsdl, discovery, pageNamespace, pageWsdl } from "./wsdl.ts";
import { childOf, escapeXml, parseXml, type XmlElement } from "./xml.ts";

const envelopeNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
const systemNamespace = "urn:microsoft-dynamics-schemas/nav/system/";

/** Operations as faults see them: by the HTTP method an OData client would use for the same. */
const methods: Record<string, string> = {
  Create: "POST",
  CreateMultiple: "POST",
  Update: "PATCH",
  UpdateMultiple: "PATCH",
  Delete: "DELETE",
};

/** Page and codeunit web services. */
export const soapSurface: Surface = {
  name: "soap",
  facts: (request, companies) => {
    const facts = noFacts("GET", "soap");
    try {
      const address = readSoapAddress(request.path, companies);
      if (address.kind !== "page") return facts;
      const { table, company } = address;
      const operation = request.method === "POST" ? operationOf(request).name : "";
      const method = methods[operation] ?? "GET";
      return { ...facts, method, entity: table.entitySet, company: company.name, caption: table.caption };
    } catch (error) {
      // A bad message is refused when the request is served; no fault is about it.
      if (error instanceof NavRefusal) return facts;
      throw error;
    }
  },
  serve: (caller, request) => {
    try {
      const address = readSoapAddress(request.path, caller.database.companies);
      return request.method === "POST" ? run(caller, address, request) : describe(address, request);
    } catch (error) {
      if (error instanceof NavRefusal) return faultReply(error, caller.language);
      throw error;
    }
  },
  refusal: faultReply,
  touchTarget: (request, caller) => {
    try {
      const address = readSoapAddress(request.path, caller.database.companies);
      if (address.kind !== "page") return;
      const body = childOf(operationOf(request), address.table.service!);
      const key = body && childOf(body, "Key")?.text;
      if (!key) return;
      const session = { ...caller, company: address.company };
      touchRow(session, address.table, bookmarked(session, address.table, key));
    } catch (error) {
      // What is not there cannot be touched; serving the request says so.
      if (!(error instanceof NavRefusal)) throw error;
    }
  },
};

const read = new WeakMap<SurfaceRequest, XmlElement>();

/** The operation element of a request's envelope, read once. */
function operationOf(request: SurfaceRequest): XmlElement {
  const known = read.get(request);
  if (known) return known;
  const envelope = parseXml(request.body);
  const operation = envelope.name === "Envelope" ? childOf(envelope, "Body")?.children[0] : undefined;
  if (!operation) return refuse("BadRequest", "badXml");
  read.set(request, operation);
  return operation;
}

function run(caller: Caller, address: SoapAddress, request: SurfaceRequest): Reply {
  const operation = operationOf(request);
  const { name } = operation;
  if (address.kind === "page") {
    const work = pageOperation(name) ?? refuse("BadRequest", "unknownOperation", name);
    const session = { ...caller, company: address.company };
    return resultReply(name, pageNamespace(address.table.service!), work(session, address.table, operation));
  }
  if (address.kind === "codeunit") {
    const session = { ...caller, company: address.company };
    return resultReply(name, codeunitNamespace(codeunit.service), runCodeunit(session, name, operation));
  }
  if (address.kind === "system" && name === "Companies") {
    const names = caller.database.companies.map((company) => `<return_value>${escapeXml(company.name)}</return_value>`);
    return resultReply(name, systemNamespace, names.join(""));
  }
  return refuse("BadRequest", "unknownOperation", name);
}

function describe(address: SoapAddress, request: SurfaceRequest): Reply {
  const url = `${request.origin}${request.path}`;
  if (address.kind === "services") return xmlReply(200, discovery(url.replace(/\/services$/i, "")));
  if (!/^wsdl$/i.test(request.search)) return refuse("BadRequest_MethodNotAllowed", "unknownOperation", "GET");
  if (address.kind === "page") return xmlReply(200, pageWsdl(address.table, url));
  return address.kind === "codeunit" ? xmlReply(200, codeunitWsdl(url)) : refuse("BadRequest_NotFound", "syntax");
}

function resultReply(operation: string, namespace: string, content: string): Reply {
  return xmlReply(200, envelope(`<${operation}_Result xmlns="${namespace}">${content}</${operation}_Result>`));
}

const envelope = (content: string): string =>
  `<Soap:Envelope xmlns:Soap="${envelopeNamespace}"><Soap:Body>${content}</Soap:Body></Soap:Envelope>`;

const xmlReply = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "text/xml; charset=utf-8" },
  body,
});

/** Statuses that come from in front of the ERP and stay as they are; every other refusal is a fault with status 500. */
const outerStatuses = new Set([401, 405, 413, 429, 503]);
const outerCodes: Partial<Record<NavRefusal["code"], number>> = {
  Authentication_InvalidCredentials: 401,
  BadRequest_MethodNotAllowed: 405,
  BadRequest_RequestEntityTooLarge: 413,
  Internal_TenantUnavailable: 503,
};

function faultReply(refusal: NavRefusal, language: Language): Reply {
  const key = refusal.textKey === "recordExists" ? "soapRecordExists" : refusal.textKey;
  const message = escapeXml(text(key, language, refusal.args));
  const override = refusal.statusOverride;
  const isOperation =
    refusal.textKey === "noInsert" || refusal.textKey === "noModify" || refusal.textKey === "noDelete";
  const outer =
    override !== undefined && outerStatuses.has(override)
      ? override
      : isOperation
        ? undefined
        : outerCodes[refusal.code];
  const code = `<faultcode xmlns:a="urn:microsoft-dynamics-schemas/error">a:Microsoft.Dynamics.Nav.Types.Exceptions.${exceptionOf(refusal)}</faultcode>`;
  const detail = `<detail><string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${message}</string></detail>`;
  const fault = `<s:Fault>${code}<faultstring xml:lang="${language}">${message}</faultstring>${detail}</s:Fault>`;
  return xmlReply(outer ?? 500, `<s:Envelope xmlns:s="${envelopeNamespace}"><s:Body>${fault}</s:Body></s:Envelope>`);
}
