type Words = readonly [chat: string, close: string, retry: string, page: string, language: string];

/** The few words of the launcher, and the language they are in; the app has its own. */
export const wordsIn = (locale: string): Words =>
  /^zh/i.test(locale)
    ? ['聊天', '关闭', '连不上，重试', '打开新页', 'zh-CN']
    : ['Chat', 'Close', 'No connection. Retry', 'Open page', 'en'];
