/** A connection to the product as a client makes it, by protocol/README.md, on a socket that costs little. */
import { LeanSocket } from './lean-socket.ts';
import type { Agent, Visitor } from './people.ts';

export interface Connected {
  readonly socket: LeanSocket;
  readonly welcome: string;
}

const HELLO = '"type":"hello","ref":1,"protocol":{"major":1,"minor":1}';

export const socketUrl = (url: string, tenantId: string): string => `${url}/v1/tenants/${tenantId}/socket`;

export const helloOf = (person: Agent | Visitor): string =>
  'token' in person
    ? `{${HELLO},"auth":{"kind":"visitor","token":"${person.token}"}}`
    : `{${HELLO},"auth":{"kind":"agent"}}`;

export const headersOf = (person: Agent | Visitor): Record<string, string> =>
  'cookie' in person ? { Cookie: person.cookie } : {};

/** Resolves after the welcome; `onText` gets what comes later. */
export async function connectInlay(
  url: string,
  person: Agent | Visitor,
  onText: (text: string) => void,
  onClose?: (code: number) => void,
): Promise<Connected> {
  let welcomed: ((text: string) => void) | undefined;
  const welcome = new Promise<string>((resolve) => {
    welcomed = resolve;
  });
  const socket = new LeanSocket(
    socketUrl(url, person.tenantId),
    {
      onText: (text) => {
        if (!welcomed) return onText(text);
        if (!text.includes('"ref":1')) throw new Error(`no welcome: ${text.slice(0, 300)}`);
        welcomed(text);
        welcomed = undefined;
      },
      ...(onClose && { onClose }),
    },
    headersOf(person),
  );
  await socket.opened;
  socket.send(helloOf(person));
  return { socket, welcome: await welcome };
}

/** Looks every few milliseconds: for the end of a run, not for what is measured. */
export async function until(condition: () => boolean, deadlineMs: number, say: () => string): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(say());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
