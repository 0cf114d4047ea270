// The MLLP client: a small pool of connections to one peer, one message in flight on each (original acknowledgement mode).

import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { frame } from "./framing.ts";
import { type Job, type Link, type LinkWatcher, openLink } from "./link.ts";
import { clientTls } from "./tls.ts";
import type { MllpClient, MllpClientOptions } from "./types.ts";

/** A client that opens its connections as they are needed. Throws CONFIG_INVALID for TLS material that is no PEM. */
export function mllpClient(options: MllpClientOptions): MllpClient {
  const { host, port, tls, connections, connectTimeoutMs, clock = systemClock } = options;
  const linkOptions = { ...options, clock, secure: tls && clientTls(tls, host) };
  const links = new Set<Link>();
  const connecting = new Set<Link>();
  const idle: Link[] = [];
  const waiting: Job[] = [];
  const ended = new AbortController();
  let growAfterMs = 0;
  let sweeping = false;
  let closed: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  /** Time-outs fire up to an eighth late (at most a second) and cost a message no timer of its own. */
  const sweep = async () => {
    if (sweeping) return;
    sweeping = true;
    const tickMs = sweepEveryMs(options);
    while (links.size > 0) {
      await clock.sleep(tickMs, ended.signal);
      for (const link of links) link.sweep();
    }
    sweeping = false;
  };

  /** A lone connection must come up before others are tried: a peer that is away is asked once, not once a message. */
  const mayGrow = () =>
    links.size === 0 || (links.size < connections && connecting.size < links.size && clock.now() >= growAfterMs);

  const grow = () => {
    while (connecting.size < waiting.length && mayGrow()) {
      const link = openLink(linkOptions, watcher);
      links.add(link);
      connecting.add(link);
    }
    void sweep();
  };

  const carryWaiting = () => {
    for (let job = waiting[0]; job; job = waiting[0]) {
      const link = idle.pop();
      if (!link) return grow();
      if (link.carry(job)) waiting.shift();
    }
  };

  const rejectWaiting = (error: LockgateError) => {
    for (const job of waiting.splice(0)) job.reject(error);
  };

  const watcher: LinkWatcher = {
    onReady(link) {
      connecting.delete(link);
      if (closing) return link.close();
      idle.push(link);
      carryWaiting();
    },
    onDown(link, refusal) {
      links.delete(link);
      connecting.delete(link);
      const place = idle.indexOf(link);
      if (place !== -1) idle.splice(place, 1);
      if (refusal) growAfterMs = clock.now() + connectTimeoutMs;
      if (refusal && links.size === 0) rejectWaiting(refusal);
      if (links.size === 0) closed?.();
      carryWaiting();
    },
  };

  const closeAll = async () => {
    rejectWaiting(new LockgateError("MLLP_CONNECT_FAILED", { at: `${host}:${port}`, reason: "closed" }));
    const allDown = new Promise<void>((resolve) => {
      closed = resolve;
    });
    for (const link of links) if (link.state !== "busy") link.close();
    if (links.size > 0) await allDown;
    ended.abort();
  };

  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        if (closing) throw new LockgateError("MLLP_CONNECT_FAILED", { at: `${host}:${port}`, reason: "closed" });
        waiting.push({ framed: frame(bytes), resolve, reject });
        carryWaiting();
      }),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

function sweepEveryMs({ connectTimeoutMs, ackTimeoutMs, idleTimeoutMs }: MllpClientOptions): number {
  const shortestMs = Math.min(connectTimeoutMs, ackTimeoutMs, idleTimeoutMs ?? ackTimeoutMs);
  return Math.min(1_000, Math.max(5, Math.floor(shortestMs / 8)));
}
