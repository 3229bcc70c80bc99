import { afterEach, expect, test, vi } from 'vitest';
import { joinTabs } from './tabs.ts';

afterEach(() => vi.unstubAllGlobals());

test('the other tabs hear that this one was wiped, and those of another tenant do not', async () => {
  vi.stubGlobal('document', {});
  const heard: string[] = [];
  const here = joinTabs('demo', () => heard.push('here'));
  const foreign = joinTabs('other', () => heard.push('foreign'));
  const told = new Promise<void>((resolve) => {
    const there = joinTabs('demo', () => {
      heard.push('there');
      there.leave();
      resolve();
    });
  });
  here.tellWiped();
  await told;
  expect(heard).toEqual(['there']);
  here.leave();
  foreign.leave();
});

test('without a channel nothing is told and nothing breaks', () => {
  vi.stubGlobal('document', {});
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor() {
        throw new Error('SecurityError');
      }
    },
  );
  const tabs = joinTabs('demo', () => undefined);
  tabs.tellWiped();
  tabs.leave();
});
