/**
 * The baseline: bare `ws` that does what any server of the shape must do and nothing more. No rights, no disk, no numbers; what
 * it keeps, it keeps in memory. One socket's path says which shape it takes part in.
 *
 *   /pair/N/sender, /pair/N/receiver   parse, stamp, acknowledge, deliver
 *   /echo                              answers each message with itself
 *   /fan, /fan/trigger                 a message of the trigger goes to all of /fan: one ready frame, written in a loop
 *   /ring/AFTER, /ring/publish         a broadcast with the missed ones after a reconnect, from memory
 *   /missed/COUNT                      COUNT ready messages at once
 */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A frame to a client is header and payload: no mask. */
function readyFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header =
    payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(header), payload]);
}

export async function startRelay(port: number): Promise<string> {
  const receivers = new Map<string, WebSocket>();
  const fan = new Set<WebSocket>();
  const audience = new Set<WebSocket>();
  const ring: string[] = [];

  const pair = (socket: WebSocket, name: string, role: string) => {
    if (role === 'receiver') receivers.set(name, socket);
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as { ref: number; content: { text: string } };
      const sentAt = Date.now();
      socket.send(JSON.stringify({ type: 'ok', ref: message.ref, result: { sentAt } }));
      receivers.get(name)?.send(JSON.stringify({ type: 'message.created', content: message.content, sentAt }));
    });
  };
  const join = (group: Set<WebSocket>, socket: WebSocket) => {
    group.add(socket);
    socket.on('close', () => group.delete(socket));
  };
  const trigger = (socket: WebSocket) =>
    socket.on('message', (data) => {
      const frame = readyFrame(data.toString());
      for (const each of fan) (each as unknown as { _socket: Socket })._socket.write(frame);
    });
  const publish = (socket: WebSocket) =>
    socket.on('message', (data) => {
      const message = { ...(JSON.parse(data.toString()) as object), seq: ring.length + 1, sentAt: Date.now() };
      ring.push(JSON.stringify({ type: 'message.created', message }));
      for (const each of audience) each.send(ring.at(-1) ?? '');
    });
  const listen = (socket: WebSocket, after: number) => {
    join(audience, socket);
    const missed = ring.slice(after);
    if (missed.length > 0) socket.send(`[${missed.join(',')}]`);
  };

  const server = createServer();
  new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false }).on(
    'connection',
    (socket, request) => {
      socket.on('error', () => {});
      const [, shape, name = '', role = ''] = (request.url ?? '').split('/');
      if (shape === 'pair') pair(socket, name, role);
      else if (shape === 'echo') socket.on('message', (data) => socket.send(data.toString()));
      else if (shape === 'fan') name === 'trigger' ? trigger(socket) : join(fan, socket);
      else if (shape === 'ring') name === 'publish' ? publish(socket) : listen(socket, Number(name));
      else if (shape === 'missed') socket.send(missedMessages(Number(name)));
    },
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', 4_096, resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function missedMessages(count: number): string {
  const one = (at: number) => ({ type: 'message.created', message: { seq: at + 1, text: 'x'.repeat(200) } });
  return JSON.stringify(Array.from({ length: count }, (_, at) => one(at)));
}
