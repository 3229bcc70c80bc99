/** The oracle finds what is planted, names the invariant, and finds nothing where nothing is wrong. */
import { describe, expect, test } from 'vitest';
import {
  ClientLog,
  type Evidence,
  hashOf,
  type Invariant,
  judge,
  type LogEntry,
  type Stored,
} from './support/oracle.ts';

interface World {
  readonly visitor: ClientLog;
  readonly agent: ClientLog;
  readonly stranger: ClientLog;
  file: Stored[];
  door: Stored[];
}

const CONVERSATION = 'conversation-a';
const textOf = (id: string) => `a visitor ${id}`;

/** Two tenants; in one a visitor sends m1 to m6, everything is acknowledged, and an agent sees it live. */
function soundWorld(): World {
  const visitor = new ClientLog('visitor', 'a');
  const agent = new ClientLog('agent', 'a', 'tenant');
  const stranger = new ClientLog('stranger', 'b', 'tenant');
  (visitor.sees as Set<string>).add(CONVERSATION);
  const rows = Array.from({ length: 6 }, (_, index): Stored => {
    const id = `m${index + 1}`;
    return {
      ...{ tenantId: 'a', bodyTenantId: 'a', conversationId: CONVERSATION },
      ...{ seq: index + 1, id, hash: hashOf(textOf(id)) },
    };
  });
  for (const log of [visitor, agent]) log.write({ what: 'opened', line: 1 });
  for (const { id, hash } of rows) visitor.write({ what: 'send', id, conversationId: CONVERSATION, hash, line: 1 });
  for (const { id, hash, seq } of rows) {
    visitor.write({ what: 'ack', id, conversationId: CONVERSATION, seq });
    for (const log of [visitor, agent])
      log.write({
        ...{ what: 'receive', conversationId: CONVERSATION, seq, id, hash },
        tenantId: 'a',
        live: true,
        line: 1,
      });
  }
  for (const log of [visitor, agent]) log.view = new Map([[CONVERSATION, [...rows]]]);
  return { visitor, agent, stranger, file: [...rows], door: [...rows] };
}

const evidence = (world: World): Evidence => ({
  logs: [world.visitor, world.agent, world.stranger],
  file: world.file,
  door: world.door,
});

const broken = (world: World): Invariant[] => [...judge(evidence(world)).counts.keys()].sort();

const at = (log: ClientLog, what: LogEntry['what'], id: string) =>
  log.entries.findIndex((entry) => entry.what === what && 'id' in entry && entry.id === id);

function change(log: ClientLog, index: number, fields: Partial<Record<string, unknown>>): void {
  log.entries[index] = { ...log.entries[index], ...fields } as LogEntry;
}

const holdWithout = (log: ClientLog, seq: number) => {
  log.view = new Map([[CONVERSATION, (log.view.get(CONVERSATION) ?? []).filter((held) => held.seq !== seq)]]);
};

test('a sound run has no violation, and its figures are counted', () => {
  const verdict = judge(evidence(soundWorld()));
  expect(verdict.violations).toEqual([]);
  expect(verdict).toMatchObject({ sent: 6, acked: 6, received: 12, lost: 0, doubled: 0, outOfOrder: 0 });
});

test('a message whose fate was never heard may be there or not', () => {
  const there = soundWorld();
  there.visitor.entries.splice(at(there.visitor, 'ack', 'm6'), 1);
  expect(broken(there)).toEqual([]);
  const away = soundWorld();
  away.visitor.write({ what: 'send', id: 'm7', conversationId: CONVERSATION, hash: 'any', line: 1 });
  expect(broken(away)).toEqual([]);
});

test('what was fetched on a connection need not come live', () => {
  const world = soundWorld();
  change(world.agent, at(world.agent, 'receive', 'm3'), { live: false });
  expect(broken(world)).toEqual([]);
});

test('a refused message takes its place when it is sent again', () => {
  const world = soundWorld();
  const { visitor } = world;
  const first = visitor.entries[at(visitor, 'send', 'm6')] as LogEntry;
  const early: LogEntry[] = [first, { what: 'refused', id: 'm6', code: 'server-busy' }];
  visitor.entries.splice(at(visitor, 'send', 'm1'), 0, ...early);
  expect(broken(world)).toEqual([]);
});

const plants: readonly { name: string; invariant: Invariant; plant: (world: World) => void }[] = [
  {
    name: 'an acknowledged message dropped from the store',
    invariant: 'I1',
    plant: (world) => {
      world.file = world.file.slice(0, 5);
      world.door = world.door.slice(0, 5);
    },
  },
  {
    name: 'an acknowledged message dropped from one member’s view',
    invariant: 'I1',
    plant: ({ agent }) => holdWithout(agent, 3),
  },
  {
    name: 'an acknowledged message dropped by the door',
    invariant: 'I1',
    plant: (world) => {
      world.door = world.door.filter(({ seq }) => seq !== 2);
    },
  },
  {
    name: 'a message stored twice',
    invariant: 'I2',
    plant: (world) => {
      const [first] = world.file as [Stored];
      world.file.push({ ...first, seq: 7 });
      world.door.push({ ...first, seq: 7 });
    },
  },
  {
    name: 'a resend acknowledged with another seq',
    invariant: 'I2',
    plant: ({ visitor }) => visitor.write({ what: 'ack', id: 'm2', conversationId: CONVERSATION, seq: 5 }),
  },
  {
    name: 'an acknowledgement with another seq than stored',
    invariant: 'I2',
    plant: ({ visitor }) => change(visitor, at(visitor, 'ack', 'm2'), { seq: 9 }),
  },
  {
    name: 'a number skipped in the store',
    invariant: 'I3',
    plant: (world) => {
      world.file = world.file.map((row) => (row.seq === 6 ? { ...row, seq: 7 } : row));
    },
  },
  {
    name: 'a number missing in a view, of a message nobody acknowledged',
    invariant: 'I3',
    plant: ({ visitor, agent }) => {
      visitor.entries.splice(at(visitor, 'ack', 'm4'), 1);
      holdWithout(agent, 4);
    },
  },
  {
    name: 'two live messages swapped',
    invariant: 'I4',
    plant: ({ agent }) => {
      const [third, fourth] = [at(agent, 'receive', 'm3'), at(agent, 'receive', 'm4')];
      const swapped = agent.entries[third] as LogEntry;
      agent.entries[third] = agent.entries[fourth] as LogEntry;
      agent.entries[fourth] = swapped;
    },
  },
  {
    name: 'a hole in what is live, filled later in silence',
    invariant: 'I4',
    plant: ({ agent }) => {
      const [third] = agent.entries.splice(at(agent, 'receive', 'm3'), 1);
      agent.write({ ...(third as Extract<LogEntry, { what: 'receive' }>), live: false });
    },
  },
  {
    name: 'a hole between what was resumed and what comes live',
    invariant: 'I4',
    plant: ({ agent }) => {
      const from = at(agent, 'receive', 'm3');
      const missed = agent.entries.splice(from, 2, { what: 'opened', line: 2 }, { what: 'resumed', line: 2 });
      for (const entry of missed) agent.write({ ...(entry as Extract<LogEntry, { what: 'receive' }>), live: false });
    },
  },
  {
    name: 'a live message twice on one connection',
    invariant: 'I4',
    plant: ({ agent }) => agent.write(agent.entries[at(agent, 'receive', 'm6')] as LogEntry),
  },
  {
    name: 'changed bytes in what was seen',
    invariant: 'I4',
    plant: ({ agent }) => change(agent, at(agent, 'receive', 'm3'), { hash: hashOf('other') }),
  },
  {
    name: 'changed bytes in the store',
    invariant: 'I4',
    plant: (world) => {
      world.file = world.file.map((row) => (row.seq === 2 ? { ...row, hash: hashOf('other') } : row));
    },
  },
  {
    name: 'changed bytes in a view',
    invariant: 'I4',
    plant: ({ agent }) => {
      const held = (agent.view.get(CONVERSATION) ?? []).map((row) =>
        row.seq === 2 ? { ...row, hash: hashOf('other') } : row,
      );
      agent.view = new Map([[CONVERSATION, held]]);
    },
  },
  {
    name: 'a message that nobody sent',
    invariant: 'I4',
    plant: (world) => {
      const [first] = world.file as [Stored];
      world.file.push({ ...first, seq: 7, id: 'ghost' });
    },
  },
  {
    name: 'two sends of one client stored in the other order',
    invariant: 'I5',
    plant: ({ visitor }) => {
      const [second, third] = [at(visitor, 'send', 'm2'), at(visitor, 'send', 'm3')];
      const swapped = visitor.entries[second] as LogEntry;
      visitor.entries[second] = visitor.entries[third] as LogEntry;
      visitor.entries[third] = swapped;
    },
  },
  {
    name: 'a message of unknown fate stored twice',
    invariant: 'I6',
    plant: (world) => {
      world.visitor.entries.splice(at(world.visitor, 'ack', 'm6'), 1);
      world.file.push({ ...(world.file[5] as Stored), seq: 7 });
    },
  },
  {
    name: 'a refused message stored all the same',
    invariant: 'I6',
    plant: ({ visitor }) => change(visitor, at(visitor, 'ack', 'm6'), { what: 'refused', code: 'internal' }),
  },
  {
    name: 'a message received by another tenant',
    invariant: 'I7',
    plant: ({ agent, stranger }) => stranger.write(agent.entries[at(agent, 'receive', 'm1')] as LogEntry),
  },
  {
    name: 'a body of another tenant in one’s own conversation',
    invariant: 'I7',
    plant: (world) => {
      world.file = world.file.map((row) => (row.seq === 2 ? { ...row, bodyTenantId: 'b' } : row));
    },
  },
  {
    name: 'a conversation of another tenant in a final view',
    invariant: 'I7',
    plant: ({ agent, stranger }) => {
      stranger.view = agent.view;
    },
  },
];

describe('what is planted is found', () => {
  test.each(plants)('$name: $invariant', ({ invariant, plant }) => {
    const world = soundWorld();
    plant(world);
    expect(broken(world)).toContain(invariant);
    const { violations } = judge(evidence(world));
    expect(violations.some((words) => words.startsWith(`${invariant}: `))).toBe(true);
  });

  test('sockets that stay: I8', () => {
    const sockets = (after: number) => ({ name: 'sockets', before: 3, after, tolerance: 1 });
    const counts = (after: number) => judge({ ...evidence(soundWorld()), resources: [sockets(after)] }).counts;
    expect([...counts(4).keys()]).toEqual([]);
    expect([...counts(5).keys()]).toEqual(['I8']);
  });

  test.each(['lost', 'doubled', 'outOfOrder'] as const)('%s is counted', (figure) => {
    const worlds = { lost: 'I1', doubled: 'I2', outOfOrder: 'I5' } as const;
    const world = soundWorld();
    plants.find(({ invariant }) => invariant === worlds[figure])?.plant(world);
    expect(judge(evidence(world))[figure]).toBeGreaterThan(0);
  });
});
