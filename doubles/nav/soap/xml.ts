// XML of SOAP messages: bounded reading without document types or entities beyond the five, and writing with escapes.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import { refuse } from "../errors.ts";

/** An element without its namespace prefix. */
export interface XmlElement {
  name: string;
  children: XmlElement[];
  text: string;
  /** `xsi:nil="true"`: as if the element were absent. */
  isNil: boolean;
}

const maxDepth = 24;
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: "#cdata",
  ignoreDeclaration: true,
  ignorePiTags: true,
});

type RawNode = Record<string, unknown>;

/** The root element of a document; throws NavRefusal when it is not well-formed or declares a document type. */
export function parseXml(text: string): XmlElement {
  if (/<!(DOCTYPE|ENTITY)/i.test(text) || XMLValidator.validate(text) !== true) refuse("BadRequest", "badXml");
  let nodes: RawNode[];
  try {
    nodes = parser.parse(text) as RawNode[];
  } catch {
    return refuse("BadRequest", "badXml");
  }
  const root = nodes.map((node) => elementFrom(node, 0)).find((element) => element !== undefined);
  return root ?? refuse("BadRequest", "badXml");
}

function elementFrom(node: RawNode, depth: number): XmlElement | undefined {
  const name = Object.keys(node).find((key) => key !== ":@");
  if (name === undefined || name.startsWith("#")) return undefined;
  if (depth > maxDepth) refuse("BadRequest", "badXml");
  const inner = node[name] as RawNode[];
  const attributes = (node[":@"] ?? {}) as Record<string, string>;
  return {
    name,
    children: inner.flatMap((child) => elementFrom(child, depth + 1) ?? []),
    text: inner.map(textOf).join(""),
    isNil: attributes.nil === "true" || attributes.nil === "1",
  };
}

function textOf(node: RawNode): string {
  if (typeof node["#text"] === "string") return decodeEntities(node["#text"]);
  const data = node["#cdata"] as RawNode[] | undefined;
  return data?.map((part) => String(part["#text"] ?? "")).join("") ?? "";
}

const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&([^;]*);?/g, (_all, name: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    if (!number) return named[name] ?? refuse("BadRequest", "badXml");
    const code = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
    const isChar = code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10ffff);
    return isChar ? String.fromCodePoint(code) : refuse("BadRequest", "badXml");
  });
}

const escapes: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" };

/** Text escaped for element content and double-quoted attributes. */
export const escapeXml = (text: string): string => text.replace(/[<>&"]/g, (char) => escapes[char]!);

/** The first child of a name. */
export const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name);
