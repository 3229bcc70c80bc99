/** The two ways in which a request can wait for what a stream has to say; protocol/README.md, "Over HTTP". */
import type { ServerResponse } from 'node:http';
import type { Closing, DownMessage, Outlet } from './http-stream.ts';

/** Proxies close an answer on which nothing comes for 30 or 60 s. */
export const POLL_MAX_MS = 25_000;

const LINE_END = Buffer.from('\n\n');

/** Server-sent events: one answer that goes on. Its first line leaves at once, so that a client sees whether a proxy holds it back. */
export class EventStream implements Outlet {
  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      // It ends with its connection: nothing else has to wait for that when the server goes down.
      'connection': 'close',
    });
    response.write(': open\n\n');
  }

  give(messages: readonly DownMessage[], closing?: Closing): boolean {
    const events = messages.flatMap(({ number, data }) => [Buffer.from(`id: ${number}\ndata: `), data, LINE_END]);
    if (closing) events.push(Buffer.from(`event: close\ndata: ${JSON.stringify(closing)}\n\n`));
    this.response.write(Buffer.concat(events));
    if (closing) this.response.end();
    return true;
  }

  ping(): boolean {
    this.response.write('event: ping\ndata: {}\n\n');
    return true;
  }

  end(): void {
    this.response.end();
  }

  destroy(): void {
    this.response.destroy();
  }
}

/** A long poll: one answer, as soon as there is something to say, or nothing was for a while. */
export class Poll implements Outlet {
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    onQuiet: () => void,
  ) {
    this.#timer = setTimeout(onQuiet, POLL_MAX_MS);
    response.once('close', () => clearTimeout(this.#timer));
  }

  give(messages: readonly DownMessage[], closing?: Closing): boolean {
    const given = messages.map(({ number, data }) =>
      Buffer.concat([Buffer.from(`[${number},`), data, Buffer.from(']')]),
    );
    const list = Buffer.from(given.join(','));
    const end = Buffer.from(closing ? `],"close":${JSON.stringify(closing)}}` : ']}');
    const body = Buffer.concat([Buffer.from('{"messages":['), list, end]);
    this.response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      ...(closing && { connection: 'close' }),
    });
    // Who does not read the answer does not hold it for ever.
    this.response.setTimeout(POLL_MAX_MS, () => this.response.destroy());
    this.response.end(body);
    return closing !== undefined;
  }

  /** Its answer is the question: who lives polls again. */
  ping(): boolean {
    return this.give([]);
  }

  end(): void {
    this.give([]);
  }

  destroy(): void {
    this.response.destroy();
  }
}
