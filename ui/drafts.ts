/**
 * What was written and not sent, by conversation: it survives a change of the view and, where the browser lets it, a reload of
 * this tab. Nothing of it leaves the tab.
 */
const PREFIX = 'inlay-draft:';
/** The oldest drafts go beyond this. */
const MAX_DRAFTS = 50;

const drafts = new Map<string, string>();

export function readDraft(key: string): string {
  return drafts.get(key) ?? stored(key) ?? '';
}

export function keepDraft(key: string, text: string): void {
  drafts.delete(key);
  if (text) drafts.set(key, text);
  const [oldest] = drafts.keys();
  if (oldest !== undefined && drafts.size > MAX_DRAFTS) drafts.delete(oldest);
  store(key, text);
}

/** Of all conversations: whoever comes next at this device must not find them. */
export function forgetDrafts(): void {
  drafts.clear();
  try {
    // Also those of before a reload, which nobody has read since.
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Blocked: there were none.
  }
}

function stored(key: string): string | undefined {
  try {
    return sessionStorage.getItem(PREFIX + key) ?? undefined;
  } catch {
    // Blocked: drafts live in memory.
    return undefined;
  }
}

function store(key: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(PREFIX + key, text);
    else sessionStorage.removeItem(PREFIX + key);
  } catch {
    // Blocked or full: the memory has it.
  }
}
