import { words as shared } from '../../ui/locale/en.ts';
import type { WidgetWords } from '../words.ts';

export const words: WidgetWords = {
  ...shared,
  chat: 'Chat',
  back: 'Back',
  menu: 'Options',
  online: 'Online',
  away: 'Away. We will answer you here.',
  greeting: 'Hello! How can we help?',
  questions: 'Suggested questions',
  newMessage: 'New message',

  theme: 'Appearance',
  themes: { auto: 'Auto', light: 'Light', dark: 'Dark' },

  notifications: 'Notifications',
  pushOffer: 'Get notified when we answer?',
  pushLater: 'Can be turned on once you have written to us.',
  pushTurnOn: 'Turn on',
  pushAsking: 'Waiting for your browser …',
  pushOpenWindow: 'No window opened? Open it here',
  pushOn: 'On. We will notify you when we answer.',
  pushBlocked: 'Blocked in the settings of your browser.',
  pushNeedsInstall: 'Add this page to your Home Screen to get notifications.',
  pushUnsupported: 'Not available in this browser.',
  pushFailed: 'Notifications could not be turned on.',

  reload: 'Reload',
  unavailable: 'Chat not available',
};
