/**
 * The agents' session cookie. HttpOnly: no script reads it; SameSite=Strict: no other site's page sends it. Under https it
 * carries the prefix `__Host-`, so that no host below or beside can set one in its place.
 */
const MAX_HEADER_LENGTH = 8_192;

export interface SessionCookie {
  /** The value in a Cookie header; undefined when there is none. */
  read(header: string | undefined): string | undefined;
  /** The Set-Cookie header that sets it for `maxAgeSeconds`; 0 forgets it. */
  write(value: string, maxAgeSeconds: number): string;
}

export function sessionCookie(publicUrl: string): SessionCookie {
  const secure = publicUrl.startsWith('https:');
  const name = secure ? '__Host-inlay-session' : 'inlay-session';
  const attributes = `; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return {
    read: (header) => cookieValue(header, name),
    write: (value, maxAgeSeconds) => `${name}=${value}${attributes}; Max-Age=${maxAgeSeconds}`,
  };
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
