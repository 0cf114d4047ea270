// The MLLP client against raw peers: its pool, and what it says of a message whose reply did not come.

import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { frame } from "#connectors/mllp";
import { manualClock } from "#kernel/clock";
import { gate, listen, material, onFrames, startClient, startServer } from "./peers.ts";

const text = (content: string) => Buffer.from(content);
const reply = (content: string) => frame(text(content));

describe("sending", () => {
  it("gives each message its own reply over few connections", async () => {
    const server = await startServer();
    const client = startClient(server.port, { connections: 4 });
    const sent = Array.from({ length: 500 }, (_, i) => `m${i}`);
    const replies = await Promise.all(sent.map((each) => client.send(text(each))));
    expect(replies.map(String)).toEqual(sent);
    expect(server.connections()).toBe(4);
  });

  it("keeps one message in flight on a connection and serves callers in their order", async () => {
    const received: string[] = [];
    const peer = await listen((socket) =>
      onFrames(socket, (each) => {
        received.push(each);
        setImmediate(() => socket.write(reply(each)));
      }),
    );
    const client = startClient(peer.port);
    const sends = ["a", "b", "c"].map((each) => client.send(text(each)));
    await sends[0];
    expect(received).toEqual(["a"]);
    await Promise.all(sends);
    expect(received).toEqual(["a", "b", "c"]);
  });

  it("opens no connection before it has a message, and no more than it has messages", async () => {
    const server = await startServer();
    const client = startClient(server.port, { connections: 4 });
    expect(server.connections()).toBe(0);
    for (const each of ["a", "b", "c"]) await client.send(text(each));
    expect(server.connections()).toBe(1);
  });

  it("refuses a message that would be cut on the wire", async () => {
    const server = await startServer();
    await expect(startClient(server.port).send(text("a\x1c\rb"))).rejects.toMatchObject({ code: "MLLP_UNFRAMEABLE" });
    expect(server.events).toEqual([]);
  });

  it("replaces an idle connection that the peer closed", async () => {
    const peer = await listen((socket, nth) =>
      onFrames(socket, () => {
        socket.write(reply(`connection ${nth}`));
        if (nth === 1) setImmediate(() => socket.end());
      }),
    );
    const client = startClient(peer.port);
    expect(String(await client.send(text("m")))).toBe("connection 1");
    await once(peer.sockets[0]!, "close");
    expect(String(await client.send(text("m")))).toBe("connection 2");
  });

  it("closes a connection unused for its idle time and opens another when needed", async () => {
    const server = await startServer();
    const clock = manualClock();
    const client = startClient(server.port, { idleTimeoutMs: 1_000, clock });
    await client.send(text("m"));
    await clock.advance(999);
    expect(server.connections()).toBe(1);
    await clock.advance(125);
    await server.event("closed");
    expect(String(await client.send(text("again")))).toBe("again");
  });

  it("throws a connection away that brings bytes nobody asked for", async () => {
    const peer = await listen((socket, nth) =>
      onFrames(socket, () =>
        socket.write(nth === 1 ? Buffer.concat([reply("own"), reply("foreign")]) : reply("second")),
      ),
    );
    const client = startClient(peer.port);
    expect(String(await client.send(text("m")))).toBe("own");
    expect(String(await client.send(text("m")))).toBe("second");
  });

  it.each([reply("foreign"), text("\x0bforeign"), text("foreign")])(
    "throws an idle connection away when bytes come later, case %#",
    async (stray) => {
      const peer = await listen((socket, nth) => onFrames(socket, () => socket.write(reply(`connection ${nth}`))));
      const client = startClient(peer.port);
      await client.send(text("m"));
      peer.sockets[0]!.write(stray);
      await once(peer.sockets[0]!, "close");
      expect(String(await client.send(text("m")))).toBe("connection 2");
    },
  );

  it("keeps an idle connection through stray line ends", async () => {
    const peer = await listen((socket, nth) =>
      onFrames(socket, () => socket.write(`${reply(`connection ${nth}`)}\r\n`)),
    );
    const client = startClient(peer.port);
    await client.send(text("m"));
    expect(String(await client.send(text("m")))).toBe("connection 1");
  });
});

describe("failing", () => {
  const unusedPort = async () => {
    const { port, server } = await listen(() => {});
    server.close();
    await once(server, "close");
    return port;
  };

  it("calls a refused connection transient, for every message that waited", async () => {
    const client = startClient(await unusedPort(), { connections: 3 });
    const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map((each) => client.send(text(each))));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: { code: "MLLP_CONNECT_FAILED", disposition: "transient", reason: "ECONNREFUSED" },
      });
    }
  });

  it("connects again after a failure", async () => {
    const first = await listen(() => {});
    const { port } = first;
    first.server.close();
    await once(first.server, "close");
    const client = startClient(port);
    await expect(client.send(text("m"))).rejects.toMatchObject({ code: "MLLP_CONNECT_FAILED" });
    await startServer({ port });
    expect(String(await client.send(text("m")))).toBe("m");
  });

  it("gives up a connection that does not come up in time", async () => {
    const clock = manualClock();
    // A TLS handshake that nobody answers.
    const silent = await listen(() => {});
    const client = startClient(silent.port, { connectTimeoutMs: 1_000, clock, tls: { ca: material.ca } });
    const sent = client.send(text("m"));
    const outcome = expect(sent).rejects.toMatchObject({ code: "MLLP_CONNECT_FAILED", reason: "ETIMEDOUT" });
    await clock.advance(1_000);
    await outcome;
  });

  it.each([
    { name: "another authority", tls: { ca: material.strangerCa } },
    { name: "another name", tls: { ca: material.ca, serverName: "other.hospital.test" } },
  ])("sends nothing to a server whose certificate is of $name", async ({ tls }) => {
    const server = await startServer({ tls: material.server });
    await expect(startClient(server.port, { tls }).send(text("m"))).rejects.toMatchObject({
      code: "MLLP_CONNECT_FAILED",
    });
  });

  it("takes the server's certificate for the name it was told", async () => {
    const server = await startServer({ tls: material.server });
    const client = startClient(server.port, { tls: { ca: material.ca, serverName: "mllp.hospital.test" } });
    expect(String(await client.send(text("m")))).toBe("m");
  });

  it.each([
    { name: "ends", leave: "end" },
    { name: "resets", leave: "resetAndDestroy" },
  ] as const)("calls a message ambiguous when the peer $name after taking it", async ({ leave }) => {
    const peer = await listen((socket) => onFrames(socket, () => socket[leave]()));
    await expect(startClient(peer.port).send(text("m"))).rejects.toMatchObject({
      code: "MLLP_CONNECTION_LOST",
      disposition: "ambiguous",
    });
  });

  it.each([
    { name: "too large", bytes: reply("x".repeat(2_000)), reason: "MLLP_FRAME_TOO_LARGE" },
    { name: "no frame", bytes: text("HTTP/1.1 400\r\n"), reason: "MLLP_BAD_FRAME" },
  ])("calls a message ambiguous when its reply is $name", async ({ bytes, reason }) => {
    const peer = await listen((socket) => onFrames(socket, () => socket.write(bytes)));
    await expect(startClient(peer.port, { maxFrameBytes: 1_000 }).send(text("m"))).rejects.toMatchObject({
      code: "MLLP_CONNECTION_LOST",
      disposition: "ambiguous",
      reason,
    });
  });

  it("never takes a late reply for the next message's", async () => {
    const clock = manualClock();
    const taken = gate();
    const peer = await listen((socket, nth) =>
      onFrames(socket, () => {
        if (nth > 1) return socket.write(reply("second's"));
        taken.open();
        socket.on("end", () => socket.write(reply("late")));
      }),
    );
    const client = startClient(peer.port, { ackTimeoutMs: 1_000, clock });
    const first = client.send(text("first"));
    const outcome = expect(first).rejects.toMatchObject({ code: "MLLP_ACK_TIMEOUT", disposition: "ambiguous" });
    const second = client.send(text("second"));
    await taken.opened;
    await clock.advance(1_000);
    await outcome;
    expect(String(await second)).toBe("second's");
    expect(peer.sockets).toHaveLength(2);
  });

  it("goes on with the connections it has when the peer takes no more", async () => {
    const peer = await listen((socket) => {
      peer.server.close();
      onFrames(socket, (each) => setImmediate(() => socket.write(reply(each))));
    });
    const client = startClient(peer.port, { connections: 4 });
    expect(String(await client.send(text("first")))).toBe("first");
    const sent = Array.from({ length: 20 }, (_, i) => `m${i}`);
    const replies = await Promise.all(sent.map((each) => client.send(text(each))));
    expect(replies.map(String)).toEqual(sent);
    expect(peer.sockets).toHaveLength(1);
  });
});

describe("closing", () => {
  it("waits for the replies owed and refuses what had not begun", async () => {
    const release = gate();
    const begun = gate();
    const server = await startServer({
      async onMessage(bytes) {
        begun.open();
        await release.opened;
        return [bytes];
      },
    });
    const client = startClient(server.port);
    const inFlight = client.send(text("in flight"));
    const waiting = expect(client.send(text("waiting"))).rejects.toMatchObject({
      code: "MLLP_CONNECT_FAILED",
      reason: "closed",
    });
    await begun.opened;
    const closed = client.close();
    await waiting;
    release.open();
    expect(String(await inFlight)).toBe("in flight");
    await closed;
    await expect(client.send(text("after"))).rejects.toMatchObject({ code: "MLLP_CONNECT_FAILED", reason: "closed" });
    await server.event("closed");
  });
});
