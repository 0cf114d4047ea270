// Runs npm and explains in one line why it failed.

import { spawn } from "node:child_process";
import { basename, delimiter, join } from "node:path";

const windows = process.platform === "win32";
const maxOutputChars = 64 * 1024;

/** A failure to install, in one line for a person; `npmOutput` is there where the line alone does not explain it. */
export class InstallError extends Error {
  constructor(message, npmOutput = "") {
    super(message);
    this.npmOutput = npmOutput;
  }
}

/** One line for a person about what npm printed when it failed, and whether that line says it all. */
export function explainNpmFailure(output) {
  const known = [
    [/EUSAGE/, "package.json and package-lock.json disagree: run npm install to bring the lock file up to date."],
    [/ENOSPC|no space left on device|EDQUOT/i, "The disk is full: free some space and start again."],
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|npm error network/i,
      "The npm registry cannot be reached: check the network or the proxy (npm config get registry) and start again.",
    ],
    [/\bE401\b|\bE403\b/, "The npm registry refused access: check the credentials in your .npmrc."],
    [
      /CERT_|self.signed certificate|unable to get local issuer/i,
      "The npm registry's certificate is not trusted: set npm's cafile.",
    ],
    [/EACCES|EPERM|EROFS/, "npm may not write to node_modules or to its cache: check their owner."],
  ];
  const line = known.find(([pattern]) => pattern.test(output))?.[1];
  return line === undefined ? { line: "npm could not install the packages.", full: false } : { line, full: true };
}

/** Runs npm in a directory: the npm that started us if there is one, else the one on the path. Throws InstallError. */
export function runNpm(args, cwd) {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (script !== undefined && node !== undefined && basename(script) === "npm-cli.js") {
    return run({ file: node, args: [script, ...args], shell: false }, cwd);
  }
  return run({ file: windows ? "npm.cmd" : "npm", args, shell: windows }, cwd);
}

/** Runs a script of a package with the Node that npm itself uses. Throws InstallError. */
export function runOnSystemNode(script, cwd) {
  return run({ file: "node", args: [script], shell: false }, cwd);
}

function run({ file, args, shell }, cwd) {
  // npm puts the project's own Node first on the path, and may not run on what it is about to replace.
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.endsWith(join("node_modules", ".bin")))
    .join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      shell,
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, killed as one: npm alone takes seconds to clear up after Ctrl-C, and `npm ci` starts afresh anyway.
      detached: !windows,
    });
    let output = "";
    const keep = (text) => {
      output = (output + text).slice(-maxOutputChars);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    let interrupted = false;
    const interrupt = () => {
      interrupted = true;
      if (windows) child.kill();
      else process.kill(-child.pid, "SIGKILL");
    };
    for (const signal of signals) process.on(signal, interrupt);
    const settle = (outcome) => {
      for (const signal of signals) process.off(signal, interrupt);
      outcome();
    };
    child.once("error", (thrown) =>
      settle(() =>
        reject(
          new InstallError(thrown.code === "ENOENT" ? `${file} was not found: install Node with npm.` : String(thrown)),
        ),
      ),
    );
    child.once("close", (code) =>
      settle(() => {
        if (code === 0) return resolve();
        if (interrupted)
          return reject(new InstallError("The installation was interrupted; the next start does it again."));
        const { line, full } = explainNpmFailure(output);
        return reject(new InstallError(line, full ? "" : output));
      }),
    );
  });
}
