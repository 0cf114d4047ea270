// Prints the pages under docs/ that are made from the code: `node scripts/print-docs.ts`.

import { writeFileSync } from "node:fs";
import { configurationPage } from "./docs/configuration-page.ts";
import { errorsPage } from "./docs/errors-page.ts";
import { permissionsPage } from "./docs/permissions-page.ts";
import { safetyPage } from "./docs/safety-page.ts";

writeFileSync("docs/errors.md", errorsPage());
writeFileSync("docs/configuration.md", configurationPage());
writeFileSync("docs/permissions.md", permissionsPage());
writeFileSync("docs/safety/README.md", safetyPage());
