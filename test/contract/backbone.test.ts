// The backbone contract on the embedded PostgreSQL.

import { backboneContract } from "./backbone.ts";
import { postgresStorage } from "./backbone-storage.ts";

backboneContract("the embedded PostgreSQL", () => postgresStorage());
