/** The popup's words. Both languages are here: they are less than a request for one of them would cost. */
export interface PopupWords {
  readonly title: string;
  readonly loading: string;
  readonly ask: (tenant: string) => string;
  readonly askText: (host: string) => string;
  readonly turnOn: string;
  readonly turningOn: string;
  readonly turningOnText: string;
  readonly done: string;
  readonly doneText: string;
  readonly close: string;
  readonly tryAgain: string;
  readonly problems: Readonly<Record<Problem, readonly [title: string, text: string]>>;
}

export type Problem = 'expired' | 'denied' | 'dismissed' | 'unsupported' | 'needs-install' | 'failed';

const en: PopupWords = {
  title: 'Notifications',
  loading: 'One moment …',
  ask: (tenant) => `Hear from ${tenant}`,
  askText: (host) =>
    `You will see the answer here on this device, even when the page is closed. Notifications appear under the name ${host}.`,
  turnOn: 'Turn on notifications',
  turningOn: 'Turning on …',
  turningOnText: 'When the browser asks, choose “Allow”.',
  done: 'Notifications are on',
  doneText: 'You can close this window and go on chatting.',
  close: 'Close',
  tryAgain: 'Try again',
  problems: {
    expired: ['This window has expired', 'Go back to the chat and ask for notifications again.'],
    denied: [
      'Notifications are blocked',
      'Open the settings beside the address of this page, allow notifications, then try again.',
    ],
    dismissed: ['The browser did not get an answer', 'Try again and choose “Allow” when the browser asks.'],
    unsupported: [
      'This browser has no notifications',
      'Open the chat in Chrome, Edge, Firefox or Safari to turn them on.',
    ],
    'needs-install': [
      'Add the chat to your Home Screen',
      'Open the chat page in Safari, tap Share, then “Add to Home Screen”. Notifications can be turned on from there.',
    ],
    failed: [
      'Notifications could not be turned on',
      'The network or the browser’s push service did not answer. Check the connection and try again.',
    ],
  },
};

const zh: PopupWords = {
  title: '通知',
  loading: '请稍候…',
  ask: (tenant) => `接收 ${tenant} 的回复通知`,
  askText: (host) => `有新回复时，这台设备会收到通知，关掉页面也不会错过。通知会以 ${host} 的名义显示。`,
  turnOn: '打开通知',
  turningOn: '正在打开…',
  turningOnText: '浏览器询问时，请选择“允许”。',
  done: '通知已打开',
  doneText: '可以关闭这个窗口，继续聊天。',
  close: '关闭',
  tryAgain: '再试一次',
  problems: {
    expired: ['这个窗口已过期', '请回到聊天，重新打开通知。'],
    denied: ['通知被拦截了', '请在地址栏旁的网站设置中允许通知，然后再试一次。'],
    dismissed: ['浏览器没有得到你的选择', '请再试一次，并在浏览器询问时选择“允许”。'],
    unsupported: ['这个浏览器不支持通知', '请用 Chrome、Edge、Firefox 或 Safari 打开聊天。'],
    'needs-install': [
      '请先把聊天添加到主屏幕',
      '在 Safari 中打开聊天页面，点“分享”，再点“添加到主屏幕”，之后就可以打开通知。',
    ],
    failed: ['没能打开通知', '网络或浏览器的推送服务没有响应。请检查网络后再试一次。'],
  },
};

/** By the browser's language. */
export const popupWords = (language: string): PopupWords => (/^zh\b/i.test(language) ? zh : en);
