// Descriptions of the SOAP services: the list of a company's services and one WSDL per page or codeunit.

import { tables } from "../tables/catalogue.ts";
import type { Field } from "../tables/fields.ts";
import type { Table } from "../tables/table.ts";
import { codeunit } from "./codeunit.ts";
import { optionText } from "./page.ts";
import { escapeXml } from "./xml.ts";

/** Target namespace of a page. */
export const pageNamespace = (service: string): string =>
  `urn:microsoft-dynamics-schemas/page/${service.toLowerCase()}`;
/** Target namespace of a codeunit. */
export const codeunitNamespace = (service: string): string => `urn:microsoft-dynamics-schemas/codeunit/${service}`;

const declaration = '<?xml version="1.0" encoding="utf-8"?>\n';

/** The discovery document of a company; `base` is the URL up to and including the company. */
export function discovery(base: string): string {
  const pages = tables.flatMap((table) => (table.service ? [`Page/${table.service}`] : []));
  const references = [...pages, `Codeunit/${codeunit.service}`].map(
    (path) => `<contractRef ref="${escapeXml(`${base}/${path}`)}" xmlns="http://schemas.xmlsoap.org/disco/scl/"/>`,
  );
  return `${declaration}<discovery xmlns="http://schemas.xmlsoap.org/disco/">${references.join("")}</discovery>`;
}

const XSD: Record<Field["type"]["kind"], string> = {
  code: "xsd:string",
  text: "xsd:string",
  option: "xsd:string",
  guid: "xsd:string",
  date: "xsd:date",
  dateTime: "xsd:dateTime",
  boolean: "xsd:boolean",
  decimal: "xsd:decimal",
  integer: "xsd:int",
};

const optional = (name: string, type: string): string =>
  `<xsd:element minOccurs="0" maxOccurs="1" name="${name}" type="${type}"/>`;
const required = (name: string, type: string): string =>
  `<xsd:element minOccurs="1" maxOccurs="1" name="${name}" type="${type}"/>`;
const wrapper = (name: string, content: string): string =>
  `<xsd:element name="${name}"><xsd:complexType><xsd:sequence>${content}</xsd:sequence></xsd:complexType></xsd:element>`;

interface Operation {
  name: string;
  input: string;
  output: string;
}

/** The WSDL of a page. */
export function pageWsdl(table: Table, address: string): string {
  const service = table.service!;
  const type = `tns:${service}`;
  const list = `<xsd:element minOccurs="0" maxOccurs="unbounded" name="${service}" type="${type}"/>`;
  const filters = '<xsd:element minOccurs="1" maxOccurs="unbounded" name="filter" type="tns:Filter"/>';
  const key = required("Key", "xsd:string");
  const result = (name: string, resultType: string): string => required(`${name}_Result`, resultType);
  const primary = table.fields.find((field) => field.name === table.key)!;
  const operations: Operation[] = [
    { name: "Read", input: required(primary.pageName, "xsd:string"), output: optional(service, type) },
    { name: "ReadByRecId", input: required("recId", "xsd:string"), output: optional(service, type) },
    {
      name: "ReadMultiple",
      input: `${filters}${optional("bookmarkKey", "xsd:string")}${required("setSize", "xsd:int")}`,
      output: optional("ReadMultiple_Result", `tns:${service}_List`),
    },
    { name: "IsUpdated", input: key, output: result("IsUpdated", "xsd:boolean") },
    { name: "GetRecIdFromKey", input: key, output: result("GetRecIdFromKey", "xsd:string") },
  ];
  const body = required(service, type);
  if (table.allows.insert) operations.push({ name: "Create", input: body, output: body });
  if (table.allows.modify) operations.push({ name: "Update", input: body, output: body });
  if (table.allows.delete) operations.push({ name: "Delete", input: key, output: result("Delete", "xsd:boolean") });
  const types = `${recordType(table)}<xsd:complexType name="${service}_List"><xsd:sequence>${list}</xsd:sequence></xsd:complexType>
<xsd:complexType name="Filter"><xsd:sequence>${required("Field", `tns:${service}_Fields`)}${required("Criteria", "xsd:string")}</xsd:sequence></xsd:complexType>${fieldNames(table)}`;
  return document(pageNamespace(service), service, address, types, operations);
}

/** The WSDL of the codeunit. */
export function codeunitWsdl(address: string): string {
  const operations = Object.entries(codeunit.methods).map(([name, parameters]) => ({
    name,
    input: parameters.map((parameter) => required(parameter, "xsd:string")).join(""),
    output: required("return_value", "xsd:string"),
  }));
  return document(codeunitNamespace(codeunit.service), codeunit.service, address, "", operations);
}

function recordType(table: Table): string {
  const shown = table.fields.filter((field) => !field.hidden);
  const fields = shown.map((field) =>
    optional(field.pageName, field.type.kind === "option" ? `tns:${field.pageName}` : XSD[field.type.kind]),
  );
  const options = shown.flatMap(({ pageName, type }) =>
    type.kind === "option" ? [enumeration(pageName, type.members.map(optionText))] : [],
  );
  const sequence = `${optional("Key", "xsd:string")}${fields.join("")}`;
  return `${options.join("")}<xsd:complexType name="${table.service}"><xsd:sequence>${sequence}</xsd:sequence></xsd:complexType>`;
}

const fieldNames = (table: Table): string =>
  enumeration(
    `${table.service}_Fields`,
    table.fields.filter((field) => !field.hidden).map((field) => field.pageName),
  );

function enumeration(name: string, values: readonly string[]): string {
  const all = values.map((value) => `<xsd:enumeration value="${value}"/>`).join("");
  return `<xsd:simpleType name="${name}"><xsd:restriction base="xsd:string">${all}</xsd:restriction></xsd:simpleType>`;
}

function document(
  namespace: string,
  service: string,
  address: string,
  types: string,
  operations: readonly Operation[],
): string {
  const elements = operations.map(
    ({ name, input, output }) => wrapper(name, input) + wrapper(`${name}_Result`, output),
  );
  const messages = operations.map(
    ({ name }) =>
      `<message name="${name}"><part name="parameters" element="tns:${name}"/></message><message name="${name}_Result"><part name="parameters" element="tns:${name}_Result"/></message>`,
  );
  const ports = operations.map(
    ({ name }) =>
      `<operation name="${name}"><input name="${name}" message="tns:${name}"/><output name="${name}_Result" message="tns:${name}_Result"/></operation>`,
  );
  const bound = operations.map(
    ({ name }) =>
      `<operation name="${name}"><soap:operation soapAction="${namespace}:${name}" style="document"/><input name="${name}"><soap:body use="literal"/></input><output name="${name}_Result"><soap:body use="literal"/></output></operation>`,
  );
  return `${declaration}<definitions targetNamespace="${namespace}" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="${namespace}">
<types><xsd:schema elementFormDefault="qualified" targetNamespace="${namespace}" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${types}${elements.join("")}</xsd:schema></types>
${messages.join("")}
<portType name="${service}_Port">${ports.join("")}</portType>
<binding name="${service}_Binding" type="tns:${service}_Port"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>${bound.join("")}</binding>
<service name="${service}_Service"><port name="${service}_Port" binding="tns:${service}_Binding"><soap:address location="${escapeXml(address)}"/></port></service>
</definitions>`;
}
