// Identifiers: UUIDv7 (RFC 9562 §5.7), so that they sort by time and sit together in an index.

import { v7 } from "uuid";

/** A new UUIDv7 in its 36-character lower-case form, monotonic within this process. */
export const newId = (): string => v7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` has the form of a UUID. */
export const isId = (text: string): boolean => UUID.test(text);
