// The rules on who may import whom: arrows between the wings, faces of the modules, no circles.

import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { type Import, importsOf, isCode, lineAt, type Node, type Source, treeOf, type Violation } from "./sources.ts";

type Wing =
  | "kernel"
  | "formats"
  | "engine"
  | "canonical"
  | "services"
  | "connectors"
  | "gateway"
  | "sdk"
  | "app"
  | "integrations"
  | "doubles";

/** What each wing may import besides its own module. A wing that names itself may enter its sibling modules. */
const ARROWS: Readonly<Record<Wing, readonly Wing[]>> = {
  kernel: [],
  formats: ["kernel"],
  engine: ["kernel", "engine"],
  canonical: ["kernel", "formats", "canonical"],
  services: ["kernel", "formats", "engine", "canonical"],
  connectors: ["kernel", "formats", "engine", "canonical"],
  gateway: ["kernel", "formats", "engine", "canonical", "services"],
  sdk: ["kernel", "engine", "canonical", "formats"],
  app: [
    "kernel",
    "formats",
    "engine",
    "canonical",
    "services",
    "connectors",
    "gateway",
    "sdk",
    "app",
    "integrations",
    "doubles",
  ],
  integrations: ["sdk"],
  doubles: ["formats"],
};

/** Of the kernel, an integration's face shows nothing but the error it throws. */
const KERNEL_FOR_SDK = "src/kernel/errors.ts";

/** Longest `index.ts`, in lines. */
const FACE_LINES = 30;

type Place = { readonly wing: Wing; readonly module: string };

/** Where a file belongs; undefined for tests, scripts and benches, which may look everywhere. */
function placeOf(path: string): Place | undefined {
  const [top, wing = "", module = ""] = path.split("/");
  if (path === "src/sdk.ts") return { wing: "sdk", module: "sdk" };
  if (top === "integrations" || top === "doubles") return { wing: top, module: `${top}/${wing}` };
  if (top !== "src") return undefined;
  if (wing === "kernel" || wing === "gateway" || wing === "app") return { wing, module: wing };
  return Object.hasOwn(ARROWS, wing) ? { wing: wing as Wing, module: `${wing}/${module}` } : undefined;
}

const aliases: Readonly<Record<string, string>> = JSON.parse(readFileSync("package.json", "utf8")).imports;

/** The file that an import means, or undefined for a package. */
export function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(posix.dirname(from), specifier));
  for (const [alias, file] of Object.entries(aliases)) {
    const [head = "", tail] = alias.split("*");
    if (tail === undefined ? specifier === alias : specifier.startsWith(head)) {
      return posix.normalize(file.replace("*", specifier.slice(head.length)));
    }
  }
  return undefined;
}

type Arrow = Import & { readonly path: string; readonly target: string };

const arrowsOf = (sources: readonly Source[]): Arrow[] =>
  sources.filter(isCode).flatMap((source) =>
    importsOf(source).flatMap((one) => {
      const target = targetOf(source.path, one.specifier);
      return target === undefined ? [] : [{ ...one, path: source.path, target }];
    }),
  );

const at = ({ path, line }: Arrow, what: string): Violation => ({ path, line, what });

/** No arrow runs up or sideways: a wing imports what the table lets it. */
export function upwardArrows(sources: readonly Source[]): Violation[] {
  return arrowsOf(sources).flatMap((arrow) => {
    const from = placeOf(arrow.path);
    const to = placeOf(arrow.target);
    if (!from) return [];
    if (!to) return [at(arrow, `${from.wing} imports ${arrow.target}, which is not part of the product`)];
    if (from.module === to.module) return [];
    const allowed =
      ARROWS[from.wing].includes(to.wing) &&
      (from.wing !== "sdk" || to.wing !== "kernel" || arrow.target === KERNEL_FOR_SDK);
    return allowed ? [] : [at(arrow, `${from.module} may not import ${to.module}`)];
  });
}

/** Another module is entered by its `#` name, one's own by relative paths and never by its `index.ts`. */
export function sideDoors(sources: readonly Source[]): Violation[] {
  return arrowsOf(sources).flatMap((arrow) => {
    const from = placeOf(arrow.path);
    const to = placeOf(arrow.target);
    if (!from || !to) return [];
    const byName = arrow.specifier.startsWith("#");
    if (from.module !== to.module) return byName ? [] : [at(arrow, `${to.module} is entered past its face`)];
    if (byName) return [at(arrow, "a module imports its own files by relative paths")];
    return arrow.target.endsWith("/index.ts") && arrow.target.split("/").length <= 4
      ? [at(arrow, "a module does not import its own index.ts")]
      : [];
  });
}

/** An `index.ts` re-exports, in at most about thirty lines. */
export function thickFaces(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => path.startsWith("src/") && path.endsWith("/index.ts"))
    .flatMap((source) => {
      const { path, text } = source;
      const lines = text.trimEnd().split("\n").length;
      const long = lines > FACE_LINES ? [{ path, line: 1, what: `${lines} lines; a face has ${FACE_LINES}` }] : [];
      const logic = (treeOf(source).body as Node[])
        .filter((node) => !node.source || node.type === "ImportDeclaration")
        .map((node) => ({ path, line: lineAt(source, node.start), what: "a face only re-exports" }));
      return [...long, ...logic];
    });
}

/** No circles, type imports included. Each circle is named once, by the files along it. */
export function circles(sources: readonly Source[]): Violation[] {
  const next = Map.groupBy(arrowsOf(sources), ({ path }) => path);
  const done = new Set<string>();
  const trail: string[] = [];
  const found: Violation[] = [];
  const walk = (path: string): void => {
    const begins = trail.indexOf(path);
    if (begins >= 0) found.push({ path, line: 1, what: `circle: ${[...trail.slice(begins), path].join(" > ")}` });
    if (begins >= 0 || done.has(path)) return;
    trail.push(path);
    for (const { target } of next.get(path) ?? []) walk(target);
    trail.pop();
    done.add(path);
  };
  for (const path of next.keys()) walk(path);
  return found;
}

/** An import of ours leads to a file that is there; of data, styles and printed types the compiler and the build tell. */
export function deadEnds(sources: readonly Source[]): Violation[] {
  const present = new Set(sources.map(({ path }) => path));
  return arrowsOf(sources)
    .filter(({ target }) => !present.has(target) && !/\.(json|css|d\.ts)$/.test(target))
    .map((arrow) => at(arrow, `${arrow.specifier} leads nowhere`));
}

const OUTSIDE =
  /^(node:(fs|net|tls|http|https|http2|dgram|child_process|cluster|worker_threads|os|process|timers)(\/|$)|pg$|undici$|fastify$)/;

/** Formats and canonical rules are pure: they reach no disk, no network, no clock of the process. */
export function impurities(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => path.startsWith("src/formats/") || path.startsWith("src/canonical/"))
    .flatMap((source) =>
      importsOf(source)
        .filter(({ specifier }) => OUTSIDE.test(specifier))
        .map(({ specifier, line }) => ({ path: source.path, line, what: `pure code does not import ${specifier}` })),
    );
}
