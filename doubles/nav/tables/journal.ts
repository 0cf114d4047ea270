// General journals: batches, their lines, and the G/L entries that posting leaves behind.

import { refuse } from "../errors.ts";
import { blankGuid, code, option, plain, textField } from "./fields.ts";
import type { Table } from "./table.ts";

const all = { insert: true, modify: true, delete: true };
const readOnly = { readOnly: true } as const;
const modified = plain("lastModifiedDateTime", "Last Modified Date Time", "dateTime", readOnly);
const accountTypes = ["G/L Account", "Customer", "Vendor", "Bank Account", "Fixed Asset", "IC Partner", "Employee"];

const journals: Table = {
  number: 232,
  caption: "Gen. Journal Batch",
  entityName: "journal",
  entitySet: "journals",
  route: "standard",
  key: "code",
  unique: [],
  allows: all,
  parts: ["journalLines"],
  actions: ["post"],
  fields: [
    code("code", "Name", 10),
    textField("displayName", "Description", 100),
    code("templateDisplayName", "Journal Template Name", 10, readOnly),
    code("balancingAccountNumber", "Bal. Account No.", 20, { relation: { entitySet: "accounts", field: "number" } }),
    modified,
  ],
  onInsert: (values) => {
    values.templateDisplayName = "GENERAL";
  },
};

const journalLines: Table = {
  number: 81,
  caption: "Gen. Journal Line",
  entityName: "journalLine",
  entitySet: "journalLines",
  route: "standard",
  key: "lineKey",
  unique: [],
  indexed: ["journalId", "externalDocumentNumber"],
  allows: all,
  idempotencyField: "externalDocumentNumber",
  parent: { entitySet: "journals", field: "journalId" },
  fields: [
    code("lineKey", "Line Key", 60, { hidden: true }),
    plain("journalId", "Journal ID", "guid"),
    code("journalDisplayName", "Journal Batch Name", 10, readOnly),
    plain("lineNumber", "Line No.", "integer"),
    option("accountType", "Account Type", accountTypes),
    code("accountNumber", "Account No.", 20),
    plain("postingDate", "Posting Date", "date"),
    code("documentNumber", "Document No.", 20),
    code("externalDocumentNumber", "External Document No.", 35),
    plain("amount", "Amount", "decimal"),
    textField("description", "Description", 100),
    textField("comment", "Comment", 250),
    code("balancingAccountNumber", "Bal. Account No.", 20, { relation: { entitySet: "accounts", field: "number" } }),
    modified,
  ],
  onInsert: (values, context) => {
    if (values.journalId === blankGuid) refuse("Application_DialogException", "journalNeeded");
    const journal = context.find("journals", "id", values.journalId!);
    if (!journal) refuse("Internal_RecordNotFound", "recordMissing", "Gen. Journal Batch", `Id='${values.journalId}'`);
    values.journalDisplayName = journal.values.code!;
    if (values.lineNumber === 0) {
      const lines = context.byIndex("journalLines", "journalId", journal.id);
      values.lineNumber = lines.reduce((last, line) => Math.max(last, Number(line.values.lineNumber)), 0) + 10_000;
    }
    if (values.balancingAccountNumber === "") values.balancingAccountNumber = journal.values.balancingAccountNumber!;
    values.lineKey = `${values.journalDisplayName}|${String(values.lineNumber).padStart(10, "0")}`;
    context.touch("journals", journal.id);
  },
  onModify: (values, before, context) => {
    if (values.journalId !== before.journalId) refuse("Application_DialogException", "journalNotEditable");
    context.touch("journals", String(before.journalId));
  },
  onDelete: (before, context) => context.touch("journals", String(before.journalId)),
};

/** Entity set and caption of the table an account type's numbers live in; other types are not held here. */
export const accountTables: Readonly<Record<string, { entitySet: string; caption: string }>> = {
  "G/L Account": { entitySet: "accounts", caption: "G/L Account" },
  Customer: { entitySet: "customers", caption: "Customer" },
  Vendor: { entitySet: "vendors", caption: "Vendor" },
};

const generalLedgerEntries: Table = {
  number: 17,
  caption: "G/L Entry",
  entityName: "generalLedgerEntry",
  entitySet: "generalLedgerEntries",
  route: "standard",
  key: "entryNumber",
  unique: [],
  indexed: ["documentNumber", "externalDocumentNumber"],
  allows: { insert: false, modify: false, delete: false },
  fields: [
    plain("entryNumber", "Entry No.", "integer"),
    plain("postingDate", "Posting Date", "date"),
    code("documentNumber", "Document No.", 20),
    code("externalDocumentNumber", "External Document No.", 35),
    code("accountNumber", "G/L Account No.", 20),
    textField("description", "Description", 100),
    plain("debitAmount", "Debit Amount", "decimal"),
    plain("creditAmount", "Credit Amount", "decimal"),
    modified,
  ],
};

/** The tables of journals and what they post to. */
export const journalTables: readonly Table[] = [journals, journalLines, generalLedgerEntries];
