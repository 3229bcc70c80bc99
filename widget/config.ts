/** What the server wrote into the page: a block of JSON, since an inline script would need a hole in the page's policy. */
import type { Tenant } from '../protocol/tenants.ts';

export interface PageConfig {
  readonly mode: 'embed' | 'page';
  /** Origins whose pages may embed this; `*`: any. */
  readonly allowedOrigins: readonly string[];
  readonly version: string;
  /** Undefined: there is no such tenant. */
  readonly tenant: Tenant | undefined;
}

interface Written {
  readonly mode?: 'embed' | 'page';
  readonly tenant?: Tenant;
  readonly allowedOrigins?: readonly string[];
  readonly version?: string;
  readonly error?: string;
}

export function parseConfig(text: string | null | undefined): PageConfig {
  const { mode = 'page', tenant, allowedOrigins, version = '', error } = JSON.parse(text || '{}') as Written;
  return {
    mode,
    version,
    tenant: error ? undefined : tenant,
    // A page that only says "there is nothing here" may say it to any host.
    allowedOrigins: allowedOrigins ?? (error ? ['*'] : []),
  };
}

export const readConfig = (): PageConfig => parseConfig(document.getElementById('inlay-config')?.textContent);
