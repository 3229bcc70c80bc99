/**
 * The demonstration: a tenant, an agent, and a shop that embeds the widget, on an origin of its own as in real life. Tenant and agent are
 * made on the first start and kept; what depends on ports is set anew by each start. The agent's password is known to nobody
 * but DATA_DIR/demo.json, which only its owner may read.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgent, setPassword } from '../server/domain/agents.ts';
import type { Domain } from '../server/domain/domain.ts';
import { createTenant, getTenant, type NewTenant, type TenantRecord, updateTenant } from '../server/domain/tenants.ts';
import { listen } from '../server/listen.ts';
import { createDemoSite } from './site.ts';

const TENANT_ID = 'demo' as TenantRecord['tenant']['tenantId'];
const ACCOUNT = 'agent@demo.example';
const SITE_CLOSE_MS = 1_000;

/** What DATA_DIR/demo.json holds, for scripts. */
export interface Demo {
  readonly widgetUrl: string;
  readonly siteUrl: string;
  readonly formUrl: string;
  readonly miniProgramUrl: string;
  readonly entryUrl: string;
  readonly consoleUrl: string;
  readonly tenantId: string;
  readonly tenantSecret: string;
  readonly agent: { readonly account: string; readonly password: string };
}

export interface RunningDemo {
  readonly demo: Demo;
  stop(): Promise<void>;
}

export async function startDemo(domain: Domain): Promise<RunningDemo> {
  const { settings } = domain;
  const known = await getTenant(domain, TENANT_ID);
  const { secret } = known ?? (await createTenant(domain, tenant([])));
  const site = createDemoSite({ widgetUrl: settings.publicUrl, tenantId: TENANT_ID, tenantSecret: secret });
  const { port, close } = await listen(site, { port: settings.demoPort, host: settings.host, setting: 'DEMO_PORT' });
  const origins = siteOrigins(domain, port);
  await updateTenant(domain, tenant(origins));
  const demo = addresses(settings.publicUrl, origins[0] ?? '', secret, await agentPassword(domain));
  await keep(domain, demo);
  return { demo, stop: () => close(SITE_CLOSE_MS) };
}

function tenant(allowedOrigins: readonly string[]): NewTenant {
  return {
    tenantId: TENANT_ID,
    name: 'Kiln & Leaf',
    accent: '#0a7d55',
    greeting: {
      'en': 'Hello! Ask us anything about our tea and cups.',
      'zh-CN': '你好！关于茶和茶器，有什么都可以问。',
    },
    questions: {
      'en': ['When will my order arrive?', 'Which tea suits the evening?', 'Can I return it?'],
      'zh-CN': ['我的订单什么时候到？', '晚上适合喝什么茶？', '可以退货吗？'],
    },
    allowedOrigins,
  };
}

/**
 * The first is the one that is shown. On a machine of one's own, localhost and 127.0.0.1 are different sites to a browser,
 * which is what a host's page and the widget are in real life; whoever types the other name is let in as well.
 */
function siteOrigins({ settings }: Domain, port: number): readonly string[] {
  if (settings.demoUrl) return [settings.demoUrl];
  const { hostname } = new URL(settings.publicUrl);
  if (hostname === 'localhost') return [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  if (hostname === '127.0.0.1') return [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  return [`http://${hostname}:${port}`];
}

function addresses(widgetUrl: string, siteUrl: string, tenantSecret: string, password: string): Demo {
  return {
    widgetUrl,
    siteUrl: `${siteUrl}/`,
    formUrl: `${siteUrl}/form`,
    miniProgramUrl: `${siteUrl}/mini-program`,
    entryUrl: `${siteUrl}/entry`,
    consoleUrl: `${widgetUrl}/console/`,
    tenantId: TENANT_ID,
    tenantSecret,
    agent: { account: ACCOUNT, password },
  };
}

/** The kept one; where the file is gone or the agent does not exist yet, a new one. */
async function agentPassword(domain: Domain): Promise<string> {
  const exists = (await domain.store.accounts.find(ACCOUNT)) !== undefined;
  const kept = await keptPassword(domain);
  if (exists && kept !== undefined) return kept;
  const password = newPassword();
  if (exists) await setPassword(domain, { account: ACCOUNT, password });
  else await createAgent(domain, { tenantId: TENANT_ID, account: ACCOUNT, password, name: 'Lin Yue' });
  return password;
}

/** Four groups of four characters that are not mistaken for one another: 80 bits. */
function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'.padEnd(32, 'A');
  const characters = [...randomBytes(16)].map((byte) => letters.charAt(byte % letters.length)).join('');
  return characters.replace(/(.{4})(?=.)/g, '$1-');
}

const pathOf = ({ settings }: Domain) => join(settings.dataDir, 'demo.json');

async function keptPassword(domain: Domain): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(pathOf(domain), 'utf8')) as Partial<Demo>).agent?.password;
  } catch {
    // Missing, as on the first start, or damaged: a new one is made and written.
    return undefined;
  }
}

/** Whole or not at all: whoever waits for the file reads it the moment it appears. */
async function keep(domain: Domain, demo: Demo): Promise<void> {
  const draft = `${pathOf(domain)}.new`;
  await writeFile(draft, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, pathOf(domain));
}
