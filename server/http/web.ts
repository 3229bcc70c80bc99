import { InlayError } from '../../protocol/errors.ts';
import { TENANT_ID_PATTERN, type TenantId } from '../../protocol/ids.ts';
import type { Domain } from '../domain/domain.ts';
import type { Asset, Assets } from './assets.ts';
import type { Compression } from './compression.ts';
import type { SessionCookie } from './cookies.ts';

/** What the routes share. */
export interface Web {
  readonly domain: Domain;
  readonly assets: Assets;
  readonly compression: Compression;
  readonly cookie: SessionCookie;
  /** Of this package, for the pages. */
  readonly version: string;
}

export function builtAsset(web: Web, path: string): Asset {
  const found = web.assets.get(path);
  if (!found) throw new InlayError('not-found', `${path} is not built: run npm run build.`);
  return found;
}

export function isTenantId(text: unknown): text is TenantId {
  return typeof text === 'string' && tenantIdPattern.test(text);
}
const tenantIdPattern = new RegExp(TENANT_ID_PATTERN);
