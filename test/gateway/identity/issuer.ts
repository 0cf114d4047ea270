// An identity provider as a test needs one: publishes keys, and signs whatever the test wants signed.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };

export const newKey = async (kid: string, algorithm = "RS256"): Promise<SigningKey> => ({
  kid,
  ...(await generateKeyPair(algorithm)),
});

/** Publishes keys on loopback. `down` has it answer 503; `fetches` counts how often it was asked. */
export async function publishKeys() {
  let published: object[] = [];
  const told = { fetches: 0, down: false };
  const server = createServer((_, answer) => {
    told.fetches += 1;
    if (told.down) return void answer.writeHead(503).end();
    return void answer.setHeader("content-type", "application/json").end(JSON.stringify({ keys: published }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    told,
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    async publish(...keys: readonly SigningKey[]) {
      published = await Promise.all(keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid })));
    },
    close: () => server.close(),
  };
}

/** What a token says besides its claims. */
export type Making = {
  readonly key: SigningKey;
  readonly issuer: string;
  readonly audience: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly fromS: number;
  readonly tillS: number;
};

export const signed = (claims: JWTPayload, { key, issuer, audience, header = {}, fromS, tillS }: Making) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "at+jwt", ...header })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(Math.floor(fromS))
    .setNotBefore(Math.floor(fromS))
    .setExpirationTime(Math.floor(tillS))
    .sign(key.privateKey);
