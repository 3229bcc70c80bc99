/**
 * What few pages need, and only once the chat is wanted there: full screen on phones, push on hosts with a worker file. A module
 * of its own, so that no other page pays for it.
 */
export { subscribe } from './host-push.ts';
export { enter } from './phone.ts';
