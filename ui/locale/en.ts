import type { Words } from '../locale.ts';

const characters = (count: number) => (count === 1 ? '1 character' : `${count} characters`);

export const words: Words = {
  guest: 'Visitor',
  agent: 'Support',
  close: 'Close',
  justNow: 'just now',

  messages: 'Messages',
  loadingMessages: 'Loading messages …',
  loadingEarlier: 'Loading earlier messages …',
  unread: 'New',
  newMessages: (count) => (count === 1 ? '1 new message' : `${count} new messages`),
  toNewest: 'To the newest message',
  typing: (names) =>
    names.length > 2
      ? 'Several people are typing …'
      : `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing …`,
  wrote: (name, text) => `${name}: ${text}`,
  you: 'You',
  states: {
    queued: 'Will be sent when you are online',
    sending: 'Sending …',
    sent: 'Sent',
    delivered: 'Delivered',
    read: 'Read',
  },
  notSent: 'Not sent. Tap to try again',
  discard: 'Delete',
  failures: {
    'text-too-long': 'Not sent: the message is too long',
    'file-too-large': 'Not sent: the file is too large',
    'file-kind-forbidden': 'Not sent: files of this kind are not accepted',
    'file-empty': 'Not sent: the file is empty',
    'rate-limited': 'Not sent: too many messages at once. Tap to try again',
  },
  picture: (name) => `Picture ${name}`,
  file: (name) => `File ${name}`,
  uploading: (name) => `Sending ${name}`,
  cancelUpload: 'Cancel',
  unknownContent: 'This message cannot be shown here.',
  recalled: 'Message recalled',
  deleted: 'Message deleted',

  message: 'Message',
  send: 'Send',
  attach: 'Attach files',
  emoji: 'Emoji',
  dropFiles: 'Drop files to send them',
  charactersLeft: (count) => `${characters(count)} left`,
  tooLong: (count) => `${characters(count)} too long`,
  fileTooLarge: (name, limit) => `${name} is larger than ${limit}.`,
  fileEmpty: (name) => `${name} is empty.`,
  fileKindForbidden: (name) => `${name} cannot be sent: files of this kind are not accepted.`,

  offline: 'You are offline. Messages will be sent later.',
  reconnecting: 'Reconnecting …',
  refused: {
    'tenant-unknown': 'This chat does not exist.',
    'origin-forbidden': 'This chat is not set up for this website.',
    'protocol-unsupported': 'The chat has been updated. Reload the page.',
    'token-expired': 'Your session has ended. Reload the page.',
    'token-invalid': 'Your session has ended. Reload the page.',
    other: 'The chat is not available right now. Reload the page to try again.',
  },
};
