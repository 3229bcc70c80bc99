/**
 * A browser holds one push subscription for each scope of a service worker, and on this origin many people may sit at one
 * browser: an agent, the same person as a visitor, visitors of several tenants. Each has a scope of their own, so that nobody who
 * turns notifications on takes away another's. All are served by the same worker; a scope for push needs no page below it.
 */
export const AGENT_SCOPE = '/console/';

/** Who opened the chat as a page. */
export const pageScope = (tenantId: string) => `/im/${encodeURIComponent(tenantId)}`;

/** Who has the chat in another site's page, where browsers keep them apart from whom they are here. */
export const popupScope = (tenantId: string) => `/push/${encodeURIComponent(tenantId)}`;
