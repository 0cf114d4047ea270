// The partitions a node owns in one subscription: unread messages, and the sessions that something parked holds up.

import type { OwnedPartition } from "./cursors/store.ts";
import type { MessageRow } from "./envelope.ts";

type Partition = {
  /** Committed position and fencing epoch. */
  position: number;
  readonly epoch: number;
  /** Read but not yet taken up, in order. */
  readonly unread: MessageRow[];
  /** Messages parked per session. */
  readonly held: Map<string, number>;
};

/** In-memory state of the owned partitions. It is a cache of the database and is thrown away when a lease is lost. */
export function ownedPartitions() {
  const partitions = new Map<number, Partition>();
  return {
    /** Takes over the database's word on what is owned; returns the partitions that are new. */
    settle(owned: readonly OwnedPartition[]): number[] {
      const byNumber = new Map(owned.map((o) => [o.partition, o]));
      for (const [number, partition] of partitions) {
        if (byNumber.get(number)?.epoch !== partition.epoch) partitions.delete(number);
      }
      const fresh = owned.filter((o) => !partitions.has(o.partition));
      for (const { partition, position, epoch } of fresh)
        partitions.set(partition, { position, epoch, unread: [], held: new Map() });
      return fresh.map((o) => o.partition);
    },
    forget: () => partitions.clear(),
    numbers: () => [...partitions.keys()],
    owns: (partition: number) => partitions.has(partition),
    epochOf: (partition: number) => partitions.get(partition)?.epoch,
    isDrained: () => partitions.values().every((partition) => partition.unread.length === 0),
    /** Where to read on from, for each partition. */
    readFrom: () =>
      [...partitions].map(([partition, p]) => ({ partition, position: p.unread.at(-1)?.position ?? p.position })),
    add(rows: readonly MessageRow[]) {
      for (const row of rows) partitions.get(row.partition)?.unread.push(row);
    },
    hold(partition: number, session: string, messages = 1) {
      const held = partitions.get(partition)?.held;
      held?.set(session, (held.get(session) ?? 0) + messages);
    },
    release(partition: number, session: string) {
      const held = partitions.get(partition)?.held;
      const left = (held?.get(session) ?? 0) - 1;
      if (left > 0) held?.set(session, left);
      else held?.delete(session);
    },
    isHeld: (partition: number, session: string) => partitions.get(partition)?.held.has(session) ?? false,
    /**
     * Takes from each partition its longest run of messages of different sessions, up to `most` in all. Committing
     * them moves each cursor to one place, and no message runs beside an earlier one of its session.
     */
    takeRound(most: number): MessageRow[] {
      const round: MessageRow[] = [];
      for (const partition of partitions.values()) {
        const sessions = new Set<string>();
        let taken = 0;
        for (const row of partition.unread) {
          if (round.length >= most || (row.session !== null && sessions.has(row.session))) break;
          if (row.session !== null) sessions.add(row.session);
          round.push(row);
          taken += 1;
        }
        partition.unread.splice(0, taken);
      }
      return round;
    },
    /** Where the cursors go once every one of `rows` is settled. */
    movesFor(rows: readonly MessageRow[]): OwnedPartition[] {
      const furthest = new Map<number, number>();
      for (const row of rows) furthest.set(row.partition, Math.max(furthest.get(row.partition) ?? 0, row.position));
      return [...furthest].map(([partition, position]) => ({
        partition,
        position,
        epoch: partitions.get(partition)?.epoch ?? -1,
      }));
    },
    moved(moves: readonly OwnedPartition[]) {
      for (const { partition, position } of moves) {
        const owned = partitions.get(partition);
        if (owned) owned.position = Math.max(owned.position, position);
      }
    },
  };
}

export type Partitions = ReturnType<typeof ownedPartitions>;
