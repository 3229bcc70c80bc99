import type { User } from '../protocol/users.ts';

/** Characters of an id that tell nameless guests apart. */
const SHORT_ID_LENGTH = 4;

/** A name, or the word for a guest and the end of their id: "Visitor 7F3A". */
export function nameOf(user: User | undefined, words: { readonly guest: string }): string {
  if (!user) return words.guest;
  return user.name ?? `${words.guest} ${shortId(user.userId)}`;
}

function shortId(userId: string): string {
  const signs = userId.replace(/[^A-Za-z0-9]/g, '');
  return signs.slice(-SHORT_ID_LENGTH).toUpperCase();
}
