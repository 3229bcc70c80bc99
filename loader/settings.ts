/**
 * What this copy of the loader was told: by the attributes of its own script element, and by the server, which puts its
 * configuration in the place of the token below when it serves the file. Nothing is fetched from the host's page, since a
 * strict policy there (connect-src) would forbid it.
 */
import type { VisitorFacts } from '../protocol/embed.ts';

interface ServedTenant {
  /** `#rrggbb` */
  readonly accent?: string;
  /** By language: `en`, `zh-CN`. */
  readonly greeting?: Readonly<Record<string, string>>;
}

/** The `data-*` of the script element; `Inlay('update', …)` changes them later, with `fields` beside. */
export interface Data extends VisitorFacts {
  readonly tenant?: string;
  readonly locale?: string;
  readonly color?: string;
  readonly greeting?: string;
  readonly position?: 'left' | 'right';
  /** There, with whatever value: no launcher until `Inlay('show')`. */
  readonly hide?: string;
  /** Address of the host's worker file. */
  readonly sw?: string;
}

/** As the server writes it; an unserved file keeps the token, which has no tenants. */
const served = '__INLAY_CONFIG__' as { readonly tenants?: Readonly<Record<string, ServedTenant>> };

const script = document.currentScript as HTMLScriptElement;

export const data: Data = { ...script.dataset };
/** The widget's origin: where the script came from. */
export const { origin } = new URL(script.src);
export const tenantId = data.tenant;
export const tenant: ServedTenant = served.tenants?.[tenantId as string] ?? {};
