/** In the load generator: many connections of one kind. */
import type { Side } from './benchmark.ts';
import { connectInlay } from './inlay-socket.ts';
import { LeanSocket } from './lean-socket.ts';
import type { Agent, Visitor } from './people.ts';

/** Opened at a time: no server's queue of waiting connections is what is measured. */
const TOGETHER = 200;

export interface Crowd {
  readonly side: Side;
  readonly url: string;
  /** One connection each; the baseline needs their number only. */
  readonly people: readonly (Agent | Visitor)[];
  /** Of the baseline. */
  readonly path: string;
}

/** Works through a list, some at a time, always as many. */
export async function pooled<T>(
  items: readonly T[],
  width: number,
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next;
      next += 1;
      await work(items[at] as T, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}

const sockets: LeanSocket[] = [];

export async function openCrowd(
  { side, url, people, path }: Crowd,
  onText: (text: string) => void = () => {},
): Promise<void> {
  await pooled(people, TOGETHER, async (person) => {
    if (side === 'inlay') {
      sockets.push((await connectInlay(url, person, onText)).socket);
    } else {
      const socket = new LeanSocket(url + path, { onText });
      await socket.opened;
      sockets.push(socket);
    }
  });
}

export const crowdLoad = {
  'crowd.open': (crowd: Crowd) => openCrowd(crowd),
  'crowd.cut': (): void => {
    for (const socket of sockets.splice(0)) socket.cut();
  },
};
