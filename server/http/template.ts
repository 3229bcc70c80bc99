/** Puts data into built pages and scripts so that none of it can become markup or code. */

const PAGE_SLOT = '<!--inlay-config-->';
const SCRIPT_SLOT = /(["'`])__INLAY_CONFIG__\1/;

/** JSON that no parser of HTML or of old JavaScript takes for anything else. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A data block: not executed, so that the Content-Security-Policy needs no exception. `head` is markup of our own that goes
 * before it.
 */
export function fillPage(template: string, config: unknown, head = ''): string {
  const block = `<script type="application/json" id="inlay-config">${safeJson(config)}</script>`;
  return template.replace(PAGE_SLOT, () => head + block);
}

export function fillScript(template: string, config: unknown): string {
  return template.replace(SCRIPT_SLOT, () => safeJson(config));
}
