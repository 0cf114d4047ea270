// The IntegrationKeys codeunit: which record a key was used for, asked over SOAP.

import { refuse } from "../errors.ts";
import type { Session } from "../transaction.ts";
import { childOf, escapeXml, type XmlElement } from "./xml.ts";

/** The published codeunit and its methods, each with its text parameters. */
export const codeunit = { service: "IntegrationKeys", methods: { FindKey: ["key"] } } as const;

/** Runs a method; returns the XML inside its `<…_Result>` element. */
export function runCodeunit(session: Session, method: string, input: XmlElement): string {
  if (method !== "FindKey") return refuse("BadRequest", "unknownOperation", method);
  const key = childOf(input, "key")?.text ?? refuse("BadRequest", "unknownElement", "key");
  const { database } = session;
  const row = database.visible(database.records(session.company.id, "integrationKeys").find("key", key));
  return `<return_value>${escapeXml(String(row?.values.number ?? ""))}</return_value>`;
}
