// The contracts, checked: documents are lint clean, and nothing breaks those who go by what was released. A document is released
// by copying it to `released`, whole. Types that stand beside are those of the documents.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { resolved } from "../../src/gateway/contracts/documents.ts";
import { rules } from "./compatibility.ts";
import { type AsyncApi, asyncApiBreaks, type OpenApi, openApiBreaks } from "./document-breaks.ts";
import { lintDocument } from "./lint.ts";
import { printed, typesOf } from "./print-types.ts";

const resources = join(import.meta.dirname, "../../resources");
const read = (file: string): unknown => resolved(file, parse(readFileSync(join(resources, file), "utf8")));
const documentsIn = (folder: string): string[] =>
  readdirSync(join(resources, folder)).filter((file) => file.endsWith(".yaml") && /\.v\d+\./.test(file));

const faults: string[] = [];
for (const folder of ["openapi", "asyncapi"]) {
  for (const file of documentsIn(folder))
    faults.push(...(await lintDocument(join(resources, folder, file))).map((fault) => `${folder}/${file}: ${fault}`));
  for (const file of documentsIn(`${folder}/released`)) {
    const path = `${folder}/${file}`;
    if (existsSync(join(resources, path))) faults.push(...breaksSince(`${folder}/released/${file}`, path));
    else faults.push(`${path}: ${rules["operation-removed"]}`);
  }
}
for (const { document, types } of printed)
  if (readFileSync(join(resources, "..", types), "utf8") !== (await typesOf(document)))
    faults.push(`${types}: not what ${document} gives; scripts/contracts/print-types.ts prints it anew`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

function breaksSince(released: string, path: string): string[] {
  const [was, is] = [read(released), read(path)];
  const breaks = path.startsWith("openapi")
    ? openApiBreaks(was as OpenApi, is as OpenApi)
    : asyncApiBreaks(was as AsyncApi, is as AsyncApi);
  return breaks.map(({ rule, at }) => `${path}: ${at}: ${rules[rule]} (${rule})`);
}
