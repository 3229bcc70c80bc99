/**
 * Who goes first when more waits than one group takes. The tenants of a lane take turns, one entry each: a tenant that floods
 * makes its own line longer and nobody else's. What one tenant sent keeps its order, as long as it is of one lane. The bulk lane
 * gets what the interactive one leaves, and at least one entry in BULK_SHARE, so that it cannot starve.
 *
 * A line may be GREED times as long as the room that is left: one flood takes three quarters of it, two floods three sevenths each,
 * and there is always room for who has little waiting. (Choudhury and Hahne, "Dynamic queue length thresholds", 1998.)
 */
import type { Lane } from './connections.ts';

const BULK_SHARE = 8;
const GREED = 3;
/** What belongs to no tenant. */
const SERVER = '';

export class FairQueue<Entry> {
  readonly #lanes: Readonly<Record<Lane, Turns<Entry>>> = { interactive: new Turns(), bulk: new Turns() };

  constructor(private readonly max: number) {}

  get length(): number {
    return this.#lanes.interactive.length + this.#lanes.bulk.length;
  }

  /** False: there is no room. */
  push(entry: Entry, tenantId: string = SERVER, lane: Lane = 'interactive'): boolean {
    const turns = this.#lanes[lane];
    if (turns.lengthOf(tenantId) >= GREED * (this.max - this.length)) return false;
    turns.push(entry, tenantId);
    return true;
  }

  take(count: number): Entry[] {
    const { interactive, bulk } = this.#lanes;
    const forBulk = Math.min(bulk.length, Math.max(Math.ceil(count / BULK_SHARE), count - interactive.length));
    const taken = interactive.take(count - forBulk);
    return [...taken, ...bulk.take(count - taken.length)];
  }
}

class Turns<Entry> {
  /** In the order in which they come to their turn. */
  readonly #lines = new Map<string, Line<Entry>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  lengthOf(key: string): number {
    return this.#lines.get(key)?.length ?? 0;
  }

  push(entry: Entry, key: string): void {
    const line = this.#lines.get(key);
    if (line) line.push(entry);
    else this.#lines.set(key, new Line(entry));
    this.#length++;
  }

  take(count: number): Entry[] {
    const taken: Entry[] = [];
    while (taken.length < count && this.#lines.size > 0) {
      for (const [key, line] of this.#lines) {
        if (taken.length === count) {
          this.#startAt(key);
          break;
        }
        taken.push(line.shift());
        if (line.length === 0) this.#lines.delete(key);
      }
    }
    this.#length -= taken.length;
    return taken;
  }

  /** Who was not reached is first the next time. */
  #startAt(first: string): void {
    for (const [key, line] of this.#lines) {
      if (key === first) return;
      this.#lines.delete(key);
      this.#lines.set(key, line);
    }
  }
}

/** First in, first out, without moving the rest at each step. */
class Line<Entry> {
  #entries: Entry[];
  #head = 0;

  constructor(first: Entry) {
    this.#entries = [first];
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  shift(): Entry {
    const entry = this.#entries[this.#head] as Entry;
    this.#head++;
    if (this.#head > 1_000 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }
}
