// The MLLP server against raw peers: order, back-pressure, hostile and silent peers, and an orderly end.

import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { dial, gate, material, startClient, startServer } from "./peers.ts";

describe("answering", () => {
  it("handles the frames of a connection one at a time and replies in their order", async () => {
    let inHand = 0;
    const server = await startServer({
      async onMessage(bytes) {
        expect(++inHand).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        inHand--;
        return [Buffer.from(`${bytes}-commit`), Buffer.from(`${bytes}-application`)];
      },
    });
    const peer = await dial(server.port);
    const sent = Array.from({ length: 100 }, (_, i) => `m${i}`);
    peer.send(...sent);
    expect(await peer.receive(200)).toEqual(sent.flatMap((text) => [`${text}-commit`, `${text}-application`]));
  });

  it("keeps a slow message of one connection from delaying another's", async () => {
    const slow = gate();
    const server = await startServer({
      async onMessage(bytes) {
        if (bytes.toString() === "slow") await slow.opened;
        return [bytes];
      },
    });
    const [first, second] = [await dial(server.port), await dial(server.port)];
    first.send("slow");
    second.send("quick");
    expect(await second.receive(1)).toEqual(["quick"]);
    slow.open();
    expect(await first.receive(1)).toEqual(["slow"]);
  });

  it("answers a peer that ended its side after sending", async () => {
    const server = await startServer();
    const peer = await dial(server.port);
    peer.send("a", "b");
    peer.socket.end();
    expect(await peer.receive(2)).toEqual(["a", "b"]);
    await peer.closed;
    expect(await server.event("closed")).toEqual({ kind: "closed", connectionId: expect.any(String) });
  });

  it("serves 200 connections at once", async () => {
    const server = await startServer();
    const peers = await Promise.all(Array.from({ length: 200 }, () => dial(server.port)));
    peers.forEach((peer, i) => {
      peer.send(`m${i}`);
    });
    const replies = await Promise.all(peers.map((peer) => peer.receive(1)));
    expect(replies).toEqual(peers.map((_, i) => [`m${i}`]));
    expect(server.connections()).toBe(200);
  });

  it("carries a message and a reply of 16 MB", async () => {
    const server = await startServer({ maxFrameBytes: 16_000_000 });
    const peer = await dial(server.port);
    peer.send("x".repeat(16_000_000));
    expect((await peer.receive(1))[0]?.length).toBe(16_000_000);
  });
});

describe("back-pressure", () => {
  it("stops reading a peer that sends ahead of its replies", async () => {
    const first = gate();
    let handled = 0;
    const server = await startServer({
      async onMessage() {
        handled++;
        await first.opened;
        return [Buffer.from("ok")];
      },
    });
    const peer = await dial(server.port);
    const wanted = 600;
    for (let i = 0; i < wanted; i++) peer.send("x".repeat(50_000));
    // 30 MB cannot all leave unless the server reads on.
    let before = -1;
    while (peer.socket.writableLength !== before) {
      before = peer.socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    expect(peer.socket.writableLength).toBeGreaterThan(10_000_000);
    expect(handled).toBe(1);
    first.open();
    expect(await peer.receive(wanted)).toHaveLength(wanted);
  });

  it("handles no further message while a peer does not take its replies", async () => {
    let handled = 0;
    const server = await startServer({
      async onMessage() {
        handled++;
        return [Buffer.alloc(50_000, "x")];
      },
    });
    const peer = await dial(server.port);
    peer.socket.pause();
    const wanted = 600;
    peer.send(...Array.from({ length: wanted }, () => "m"));
    let before = -1;
    while (handled !== before) {
      before = handled;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(handled).toBeLessThan(wanted);
    peer.socket.resume();
    expect(await peer.receive(wanted)).toHaveLength(wanted);
  });

  it("reads nothing between pause and resume and keeps the connections past their idle time", async () => {
    const received: string[] = [];
    const server = await startServer({
      idleTimeoutMs: 20,
      frameTimeoutMs: 20,
      async onMessage(bytes) {
        received.push(bytes.toString());
        return [bytes];
      },
    });
    server.pause();
    const peer = await dial(server.port);
    peer.send("held");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([received, server.connections()]).toEqual([[], 1]);
    server.resume();
    expect(await peer.receive(1)).toEqual(["held"]);
  });
});

describe("hostile and silent peers", () => {
  it("closes a connection whose frame does not end in time, however steadily it trickles", async () => {
    const server = await startServer({ frameTimeoutMs: 30 });
    const peer = await dial(server.port);
    const trickle = setInterval(() => peer.socket.write("x"), 5);
    peer.socket.write("\x0b");
    expect(await server.event("timed-out")).toMatchObject({ code: "MLLP_FRAME_TIMEOUT" });
    await peer.closed;
    clearInterval(trickle);
  });

  it("closes an idle connection and keeps one whose message is in hand", async () => {
    const slow = gate();
    const server = await startServer({
      idleTimeoutMs: 30,
      async onMessage(bytes) {
        await slow.opened;
        return [bytes];
      },
    });
    const [idle, busy] = [await dial(server.port), await dial(server.port)];
    busy.send("slow");
    await idle.closed;
    expect(server.events.filter(({ kind }) => kind === "timed-out")).toHaveLength(1);
    slow.open();
    expect(await busy.receive(1)).toEqual(["slow"]);
  });

  it("closes a connection whose peer takes no replies for the idle time", async () => {
    const server = await startServer({ idleTimeoutMs: 40, onMessage: async () => [Buffer.alloc(20_000_000)] });
    const peer = await dial(server.port);
    peer.socket.pause();
    peer.send("m");
    expect(await server.event("timed-out")).toEqual({ kind: "timed-out", connectionId: expect.any(String) });
    expect(await server.event("closed")).toMatchObject({ code: "MLLP_CONNECTION_LOST" });
  });

  it.each([
    { name: "an oversize frame", bytes: `\x0b${"x".repeat(1_001)}`, code: "MLLP_FRAME_TOO_LARGE" },
    { name: "bytes outside a frame", bytes: "GET / HTTP/1.1\r\n", code: "MLLP_BAD_FRAME" },
  ] as const)("answers the frames before $name, gives it a last reply and closes", async ({ bytes, code }) => {
    const server = await startServer({
      maxFrameBytes: 1_000,
      onRefused: async (error) => Buffer.from(`refused ${error.code}`),
    });
    const peer = await dial(server.port);
    peer.send("a", "b");
    // What comes after is read and thrown away; left unread it would reset the connection under the reply.
    peer.socket.write(bytes + "x".repeat(20_000_000));
    expect(await peer.receive(3)).toEqual(["a", "b", `refused ${code}`]);
    await peer.closed;
    const gone = new Promise((resolve) => peer.socket.once("close", resolve));
    peer.socket.end();
    await gone;
    expect(peer.socket.errored).toBeNull();
    expect(server.events.find(({ kind }) => kind === "refused")).toMatchObject({ code });
  });

  it("cuts off a refused peer that never closes its side", async () => {
    const server = await startServer({ idleTimeoutMs: 40 });
    const peer = await dial(server.port);
    peer.socket.write("nonsense");
    await peer.closed;
    await server.event("closed");
    expect(server.connections()).toBe(0);
  });

  it("refuses a connection over the limit and takes one again when another has gone", async () => {
    const server = await startServer({ maxConnections: 1 });
    const first = await dial(server.port);
    const second = await dial(server.port);
    await second.closed;
    expect(await server.event("refused")).toMatchObject({ code: "CHANNEL_OVERLOADED" });
    first.socket.destroy();
    await server.event("closed");
    const third = await dial(server.port);
    third.send("m");
    expect(await third.receive(1)).toEqual(["m"]);
  });

  it.each([
    {
      name: "throws",
      onMessage: () => {
        throw new Error("planted");
      },
    },
    { name: "rejects", onMessage: async () => Promise.reject(new Error("planted")) },
    { name: "replies with the end bytes", onMessage: async () => [Buffer.from("a\x1c\rb")] },
  ])("closes only the connection whose handler $name", async ({ onMessage }) => {
    const server = await startServer({
      onMessage: async (bytes, peer) => (String(bytes) === "bad" ? onMessage() : [bytes, Buffer.from(peer.remote)]),
    });
    const [bad, good] = [await dial(server.port), await dial(server.port)];
    bad.send("bad", "never handled");
    await bad.closed;
    bad.socket.end();
    expect((await server.event("closed")).code).toMatch(/^(INTERNAL|MLLP_UNFRAMEABLE)$/);
    good.send("good");
    expect(await good.receive(2)).toEqual(["good", `127.0.0.1:${good.socket.localPort}`]);
  });

  it("reports a connection lost with a message in hand and handles none that waited", async () => {
    const slow = gate();
    const handled: string[] = [];
    const server = await startServer({
      async onMessage(bytes) {
        handled.push(bytes.toString());
        await slow.opened;
        return [bytes];
      },
    });
    const peer = await dial(server.port);
    peer.send("first", "second");
    while (handled.length === 0) await new Promise((resolve) => setImmediate(resolve));
    peer.socket.resetAndDestroy();
    expect(await server.event("closed")).toMatchObject({ code: "MLLP_CONNECTION_LOST" });
    slow.open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(handled).toEqual(["first"]);
  });
});

describe("starting and ending", () => {
  it("says which port is taken", async () => {
    const { port } = await startServer();
    await expect(startServer({ port })).rejects.toMatchObject({ code: "START_PORT_TAKEN", at: `127.0.0.1:${port}` });
  });

  it("says which address cannot be had", async () => {
    await expect(startServer({ host: "192.0.2.1" })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      at: "192.0.2.1:0",
    });
  });

  it("answers the messages in hand before it closes", async () => {
    const slow = gate();
    const begun = gate();
    const server = await startServer({
      async onMessage(bytes) {
        begun.open();
        await slow.opened;
        return [bytes];
      },
    });
    const [busy, idle] = [await dial(server.port), await dial(server.port)];
    busy.send("a", "b");
    await begun.opened;
    const closed = server.close();
    await idle.closed;
    await expect(dial(server.port)).rejects.toThrow();
    slow.open();
    expect(await busy.receive(2)).toEqual(["a", "b"]);
    for (const { socket } of [busy, idle]) socket.end();
    await closed;
    expect(server.connections()).toBe(0);
  });

  it("cuts off a message still in hand when the grace has passed", async () => {
    const begun = gate();
    const server = await startServer({
      onMessage() {
        begun.open();
        return new Promise(() => {});
      },
    });
    const peer = await dial(server.port);
    peer.send("stuck");
    await begun.opened;
    await server.close(20);
    expect(await server.event("closed")).toMatchObject({ code: "MLLP_CONNECTION_LOST" });
  });
});

describe("TLS", () => {
  const mutual = { ...material.server, ca: material.ca, requireClientCertificate: true };

  it("answers over TLS and closes in good order", async () => {
    const server = await startServer({ tls: material.server });
    const client = startClient(server.port, { tls: { ca: material.ca } });
    expect(String(await client.send(Buffer.from("m")))).toBe("m");
    await client.close();
    expect(await server.event("closed")).toEqual({ kind: "closed", connectionId: expect.any(String) });
    await server.close(5_000);
  });

  it("names the peer by its verified certificate under mutual TLS", async () => {
    const server = await startServer({
      tls: mutual,
      onMessage: async (_, peer) => [Buffer.from(peer.clientCertificateName ?? "nobody")],
    });
    const client = startClient(server.port, { tls: { ...material.client, ca: material.ca } });
    expect(String(await client.send(Buffer.from("m")))).toBe("pas.hospital.test");
  });

  it.each([
    { name: "no certificate", certificate: {}, outcome: { code: "MLLP_CONNECT_FAILED" } },
    // Node verifies after TLS 1.3 has let the client begin, and closes without an alert: the client cannot know better.
    {
      name: "another authority's certificate",
      certificate: material.stranger,
      outcome: { code: "MLLP_CONNECTION_LOST" },
    },
  ])("handles nothing of a peer with $name under mutual TLS", async ({ certificate, outcome }) => {
    let handled = 0;
    const server = await startServer({
      tls: mutual,
      async onMessage() {
        handled++;
        return [];
      },
    });
    const client = startClient(server.port, { tls: { ...certificate, ca: material.ca } });
    await expect(client.send(Buffer.from("m"))).rejects.toMatchObject(outcome);
    expect(await server.event("refused")).toMatchObject({ code: "MLLP_TLS_REFUSED" });
    expect(handled).toBe(0);
  });

  it("speaks no version before TLS 1.2", async () => {
    const server = await startServer({ tls: material.server });
    const socket = connectTls({
      port: server.port,
      host: "127.0.0.1",
      ca: material.ca,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await expect(once(socket, "secureConnect")).rejects.toThrow();
    expect(await server.event("refused")).toMatchObject({ code: "MLLP_TLS_REFUSED" });
  });

  it("refuses a peer that does not finish its handshake in time", async () => {
    const server = await startServer({ tls: material.server, frameTimeoutMs: 30 });
    const peer = await dial(server.port);
    await peer.closed;
    expect(await server.event("refused")).toMatchObject({ code: "MLLP_TLS_REFUSED" });
  });

  it("ends an unfinished handshake when its grace has passed", async () => {
    const server = await startServer({ tls: material.server });
    const peer = await dial(server.port);
    await server.close(20);
    await peer.closed;
  });

  it.each([
    { name: "a key that is no PEM", tls: { ...material.server, key: "nonsense" }, at: "tls" },
    {
      name: "mutual TLS without an authority",
      tls: { ...material.server, requireClientCertificate: true },
      at: "tls.ca",
    },
  ])("refuses $name at the start", async ({ tls, at }) => {
    await expect(startServer({ tls })).rejects.toMatchObject({ code: "CONFIG_INVALID", at });
  });
});
