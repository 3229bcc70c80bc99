/**
 * The system's Chromium as users have it. Playwright starts browsers with third-party storage partitioning switched off, so a
 * frame of another origin would see storage that no user's browser gives it; here a script of two lines stands before the
 * browser and takes that switch out again.
 *
 *   const chromium = await launchChromium({ thirdPartyStorage: 'blocked' });
 *   const page = await chromium.context.newPage();
 *   await chromium.close();                          // the profile is deleted, too
 *
 * One profile a launch. A test that needs a second visitor launches a second browser, or `newContext()`.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

export interface ChromiumOptions {
  /**
   * What a frame of another origin may store. Default `partitioned`: a box of its own under each site, and no cookies, as a fresh
   * Chromium has it. `allowed`: cookies, too. `blocked`: storage throws, as with Firefox's strictest setting or old Safaris.
   */
  readonly thirdPartyStorage?: 'partitioned' | 'blocked' | 'allowed';
  /** Of the context: locale, viewport, colorScheme, hasTouch, reducedMotion … */
  readonly context?: BrowserContextOptions;
  /** More command line switches. */
  readonly args?: readonly string[];
}

export interface Chromium {
  /** The profile's own context: service workers, notifications and storage are those of a normal window. */
  readonly context: BrowserContext;
  /** Another visitor in the same browser, with nothing in common (as an incognito window). */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Values of `cookie_controls_mode`: 0 allow third-party cookies, 1 block them. */
const cookieControls = { allowed: 0, partitioned: 1, blocked: 1 };

const executable = (): string =>
  process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();

/** Without partitioning, blocked third-party cookies take all storage along: the state in which it throws. */
function wrapper(folder: string, partitioned: boolean): string {
  if (!partitioned) return executable();
  const path = join(folder, 'chromium.sh');
  const lines = [
    '#!/bin/bash',
    `args=(); for arg in "$@"; do args+=("\${arg/ThirdPartyStoragePartitioning,/}"); done`,
    `exec '${executable()}' "\${args[@]}"`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
  return path;
}

function writePreferences(profile: string, storage: keyof typeof cookieControls): void {
  const mode = cookieControls[storage];
  mkdirSync(join(profile, 'Default'), { recursive: true });
  writeFileSync(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { cookie_controls_mode: mode, block_third_party_cookies: mode === 1 } }),
  );
}

export async function launchChromium(options: ChromiumOptions = {}): Promise<Chromium> {
  const storage = options.thirdPartyStorage ?? 'partitioned';
  const folder = mkdtempSync(join(tmpdir(), 'inlay-chromium-'));
  const profile = join(folder, 'profile');
  writePreferences(profile, storage);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: wrapper(folder, storage !== 'blocked'),
    headless: true,
    args: [...flags, ...(options.args ?? [])],
    ...options.context,
  });
  const others = new Set<BrowserContext>();
  return {
    context,
    newContext: async (contextOptions) => {
      const browser = context.browser();
      if (!browser) throw new Error('the browser has ended');
      const other = await browser.newContext(contextOptions);
      others.add(other);
      return other;
    },
    close: async () => {
      for (const other of others) await other.close();
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
