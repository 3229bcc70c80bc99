/** How far the other side is: what it has, and what it has seen. */
import type { Member } from '../../protocol/conversations.ts';

export interface Reach {
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

/** On whose device this is. All agents of a tenant are one side, the visitor is the other. */
export type Side = 'visitor' | 'agent';

export const sideOf = (member: Member): Side => (member.user.kind === 'agent' ? 'agent' : 'visitor');

/** The furthest of the members of the other side: one agent who has read a message is enough. */
export function otherReach(members: readonly Member[], own: Side): Reach {
  const others = members.filter((member) => sideOf(member) !== own);
  return {
    deliveredSeq: Math.max(0, ...others.map((member) => member.deliveredSeq)),
    readSeq: Math.max(0, ...others.map((member) => member.readSeq)),
  };
}

export function stateBy(reach: Reach, seq: number): 'sent' | 'delivered' | 'read' {
  if (seq <= reach.readSeq) return 'read';
  return seq <= reach.deliveredSeq ? 'delivered' : 'sent';
}

/** The order of members says nothing; one that does not depend on how they came keeps live and reload alike. */
export const sortedMembers = (members: readonly Member[]): Member[] =>
  [...members].sort((one, other) => (one.user.userId < other.user.userId ? -1 : 1));

/** The member with at least these receipts; receipts only grow. */
export function applyReach(members: readonly Member[], next: Member): Member[] {
  const known = members.find((member) => member.user.userId === next.user.userId);
  if (!known) return sortedMembers([...members, next]);
  const merged = {
    user: next.user,
    deliveredSeq: Math.max(known.deliveredSeq, next.deliveredSeq),
    readSeq: Math.max(known.readSeq, next.readSeq),
  };
  return members.map((member) => (member === known ? merged : member));
}
