// A NAV of a few lines, for answers that no whole server gives: what it was asked, and what it says.

import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { type Nav, type NavPatients, navSettings, openNav } from "#connectors/nav";
import { type AlarmClock, systemClock } from "#kernel/clock";

/** A request as it came. */
export type Asked = { method: string; url: string; headers: IncomingHttpHeaders; body: string };

/** An answer to give; `undefined` leaves the request without one. */
export type Said = { status: number; headers?: Record<string, string>; body?: string | Buffer } | undefined;

export const companyId = "11111111-aaaa-4bbb-8ccc-000000000001";

/** The company at that address, with a time-out that no test reaches unawares. */
export const navAt = (port: number, more: Record<string, unknown> = {}, clock: AlarmClock = systemClock): Nav =>
  openNav(
    navSettings.parse({
      name: "nav-test",
      baseUrl: `http://127.0.0.1:${port}/BC`,
      company: { id: companyId, name: "CRONUS UK Ltd." },
      user: "LOCKGATE",
      accessKey: "lockgate-demo-key",
      timeoutMs: 15_000,
      ...more,
    }),
    { clock },
  );

/** The patients of that company. */
export const patientsAt = (port: number, more: Record<string, unknown> = {}): NavPatients => navAt(port, more).patients;

const listen = async (server: {
  listen(port: number, host: string, then: () => void): unknown;
  address(): unknown;
}) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** An HTTP server that keeps what it was asked and answers by `say`. */
export async function httpPeer(say: (asked: Asked) => Said) {
  const asked: Asked[] = [];
  const answer: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
    asked.push(one);
    const said = say(one);
    if (said) response.writeHead(said.status, said.headers ?? {}).end(said.body);
  };
  const server = createServer((request, response) => void (answer(request, response) as unknown));
  const port = await listen(server);
  return {
    port,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A TCP server that does with each connection what `meet` says. */
export async function tcpPeer(meet: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let mostAtOnce = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    mostAtOnce = Math.max(mostAtOnce, sockets.size);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    meet(socket);
  });
  const port = await listen(server);
  return {
    port,
    mostConnections: () => mostAtOnce,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
