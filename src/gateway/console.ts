// The console: files under the same origin as what they call, under a policy that runs no script but theirs.

import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { LockgateError } from "#kernel/errors";

const PREFIX = "/console";
/** Names of files in this folder change with what they hold. */
const HASHED = "assets";
const YEAR = "public, max-age=31536000, immutable";

/** Scripts, data and pictures from here alone; styles may stand in elements, since controls place themselves so. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the console, where it has been built. An address under it that names no file is a page of it. */
export async function serveConsole(server: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, "index.html"))) return;
  server.get("/", (_, reply) => reply.redirect(`${PREFIX}/`, 302));
  const pages = async (console: FastifyInstance): Promise<void> => {
    await console.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      preCompressed: true,
      setHeaders(reply, path) {
        if (path.startsWith(join(folder, HASHED))) reply.header("cache-control", YEAR);
        else reply.header("content-security-policy", PAGE_POLICY);
      },
    });
    console.setNotFoundHandler((request, reply) => {
      if (request.method !== "GET" || request.url.includes(`/${HASHED}/`)) throw new LockgateError("ROUTE_UNKNOWN");
      return reply.sendFile("index.html");
    });
  };
  await server.register(pages, { prefix: PREFIX });
}
