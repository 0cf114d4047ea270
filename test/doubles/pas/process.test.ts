// The hospital as a process of its own: what it says on the wire, where it goes on after a restart, and how it ends.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "#formats/hl7v2";
import { until } from "../../until.ts";

const main = new URL("../../../doubles/pas/main.ts", import.meta.url).pathname;
const ACCEPTED = "\x0bMSH|^~\\&|LOCKGATE|RXX|PAS|RXX|||ACK|1|P|2.5.1\rMSA|AA|1\r\x1c\r";
const children: ChildProcess[] = [];
const heard: string[] = [];
const sockets = new Set<Socket>();
let directory: string;
let hub: Server;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pas-double-"));
  hub = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", (frame) => {
      heard.push(parse(frame.subarray(1, -2)).get("MSH-10")!);
      socket.write(ACCEPTED);
    });
  }).listen(0, "127.0.0.1");
  await once(hub, "listening");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  heard.length = 0;
  hub.close();
  await rm(directory, { recursive: true });
});

function start(...flags: string[]): ChildProcess {
  const port = String((hub.address() as AddressInfo).port);
  const child = spawn(process.execPath, [main, "--port", port, "--data", directory, "--every-ms", "1", ...flags]);
  children.push(child);
  return child;
}

test("talks without a pause, and goes on with the next message after a restart", async () => {
  const first = start();
  await until(() => heard.length >= 40);
  const gone = once(first, "exit");
  first.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
  const before = heard.length;
  start();
  await until(() => heard.length >= before + 10);
  expect(new Set(heard).size).toBe(heard.length);
  expect(heard[0]).toBe("PAS1-1");
});

test("orders on a line of its own, and goes on with the next order after a restart", async () => {
  const orders = () => heard.filter((id) => id.startsWith("STORES1-"));
  const port = String((hub.address() as AddressInfo).port);
  const first = start("--stores-port", port);
  await until(() => orders().length >= 15 && orders().length < heard.length);
  const gone = once(first, "exit");
  first.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
  const before = orders().length;
  start("--stores-port", port);
  await until(() => orders().length >= before + 5);
  expect(new Set(heard).size).toBe(heard.length);
  expect(orders()[0]).toBe("STORES1-1");
});

test("takes up the line again after it was cut", async () => {
  start();
  await until(() => heard.length >= 5);
  for (const socket of sockets) socket.destroy();
  const before = heard.length;
  await until(() => heard.length >= before + 5);
});

test("ends with whoever started it", async () => {
  const child = start("--with-parent");
  await until(() => heard.length >= 1);
  const gone = once(child, "exit");
  child.stdin!.end();
  expect(await gone).toEqual([0, null]);
});

test("refuses a rate that is none", async () => {
  const child = start("--every-ms", "0");
  expect(await once(child, "exit")).toEqual([2, null]);
});
