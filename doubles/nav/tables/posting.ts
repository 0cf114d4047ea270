// Posting a general journal batch: checks, G/L entries, lines gone, commit inside; all or nothing per batch.

import { refuse } from "../errors.ts";
import type { Transaction } from "../transaction.ts";
import { tableOfSet } from "./catalogue.ts";
import { blankDate, type Values } from "./fields.ts";
import { accountTables } from "./journal.ts";
import type { Row } from "./table.ts";

/** Posts all lines of a batch and commits; throws NavRefusal before anything is posted. */
export function postJournal(transaction: Transaction, journal: Row): void {
  const { database, company } = transaction.session;
  const lines = [...(database.records(company.id, "journalLines").byIndex("journalId", journal.id) ?? [])];
  if (lines.length === 0) refuse("Application_DialogException", "nothingToPost");
  lines.sort((a, b) => Number(a.values.lineNumber) - Number(b.values.lineNumber));
  for (const line of lines) checkLine(transaction, line.values);
  checkBalance(lines);
  const entries = database.records(company.id, "generalLedgerEntries");
  let entryNumber = entries.size;
  const post = (line: Readonly<Values>, accountNumber: string, amount: number): void => {
    entryNumber += 1;
    transaction.insertQuietly("generalLedgerEntries", {
      entryNumber,
      accountNumber,
      postingDate: line.postingDate!,
      documentNumber: line.documentNumber!,
      externalDocumentNumber: line.externalDocumentNumber!,
      description: line.description!,
      debitAmount: Math.max(amount, 0),
      creditAmount: Math.max(-amount, 0),
    });
  };
  const firstEntry = entryNumber + 1;
  for (const { values } of lines) {
    const amount = Number(values.amount);
    post(values, String(values.accountNumber), amount);
    if (values.balancingAccountNumber !== "") post(values, String(values.balancingAccountNumber), -amount);
  }
  for (const line of lines) transaction.removeQuietly("journalLines", line);
  notePosting(transaction, journal, lines, firstEntry, entryNumber);
  transaction.commit();
}

/** The ledger line of a posting: its entry range, documents and amounts. */
function notePosting(transaction: Transaction, journal: Row, lines: readonly Row[], first: number, last: number): void {
  const keys = new Set(lines.map((line) => String(line.values.externalDocumentNumber)));
  const onlyKey = keys.size === 1 ? [...keys][0]! : "";
  const documents = [...new Set(lines.map((line) => String(line.values.documentNumber)))];
  const posted = lines.map(({ values }) => ({
    accountNumber: values.accountNumber,
    balancingAccountNumber: values.balancingAccountNumber,
    amount: values.amount,
    externalDocumentNumber: values.externalDocumentNumber,
  }));
  transaction.record({
    kind: "post",
    entity: "journals",
    key: String(journal.values.code),
    idempotencyKey: onlyKey === "" ? null : onlyKey,
    changes: {
      entries: { from: null, to: `${first}..${last}` },
      documentNumbers: { from: null, to: documents },
      lines: { from: null, to: posted },
    },
  });
}

function checkLine(transaction: Transaction, line: Readonly<Values>): void {
  const { database, company, switches } = transaction.session;
  const where = `Journal Batch Name=${line.journalDisplayName}, Line No.=${line.lineNumber}`;
  const need = (blank: boolean, caption: string): void => {
    if (blank) refuse("Application_FieldValidationException", "mustHaveValue", caption, "Gen. Journal Line", where);
  };
  need(line.accountNumber === "", "Account No.");
  need(line.postingDate === blankDate, "Posting Date");
  need(line.documentNumber === "", "Document No.");
  need(line.amount === 0, "Amount");
  if (String(line.postingDate) < switches.allowPostingFrom) refuse("Application_DialogException", "postingDate");
  const target = accountTables[String(line.accountType)];
  const account = target && database.records(company.id, target.entitySet).find("number", line.accountNumber!);
  if (!account) {
    const related = target?.caption ?? String(line.accountType);
    refuse(
      "Internal_InvalidTableRelation",
      "relation",
      "Account No.",
      "Gen. Journal Line",
      String(line.accountNumber),
      related,
    );
  }
  const { blocked } = account.values;
  if (target.entitySet === "vendors" && blocked === "All") {
    refuse("Application_DialogException", "vendorBlocked", "post", String(line.accountNumber), "All");
  }
  if (target.entitySet === "accounts" && blocked === true) {
    refuse(
      "Application_FieldValidationException",
      "mustBeEqual",
      "Blocked",
      "No",
      tableOfSet("accounts")!.caption,
      `No.=${line.accountNumber}`,
      "Yes",
    );
  }
}

/** Lines without balancing account must sum to nothing per document. */
function checkBalance(lines: readonly Row[]): void {
  const open = new Map<string, number>();
  for (const { values } of lines) {
    if (values.balancingAccountNumber !== "") continue;
    const document = String(values.documentNumber);
    open.set(document, (open.get(document) ?? 0) + Math.round(Number(values.amount) * 100));
  }
  for (const [document, pence] of open) {
    if (pence !== 0) refuse("Application_DialogException", "outOfBalance", pence / 100, document);
  }
}
