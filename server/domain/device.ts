/** What an agent wants to know of a visitor's browser, from its own words: `Chrome · Android`. Wrong words do no harm. */

/** The first that fits: most browsers also name those that they want to be taken for. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/miniProgram/i, 'WeChat Mini Program'],
  [/MicroMessenger\//, 'WeChat'],
  [/AlipayClient\//, 'Alipay'],
  [/DingTalk\//, 'DingTalk'],
  [/Weibo/, 'Weibo'],
  [/\bQQ\//, 'QQ'],
  [/M?QQBrowser\//, 'QQ Browser'],
  [/UCBrowser\//, 'UC Browser'],
  [/HuaweiBrowser\//, 'Huawei Browser'],
  [/MiuiBrowser\//, 'Mi Browser'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/\bEdgA?\/|EdgiOS\//, 'Edge'],
  [/\bOPR\/|Opera/, 'Opera'],
  [/YaBrowser\//, 'Yandex Browser'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/CriOS\/|Chrome\/|Chromium\//, 'Chrome'],
  [/Version\/[\d.]+.*Safari\//, 'Safari'],
  [/AppleWebKit\/.*Mobile\//, 'Web view'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/iPad/, 'iPadOS'],
  [/iPhone|iPod/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Macintosh|Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];

const READ_MAX_LENGTH = 1_000;

export function deviceOf(userAgent: string | undefined): string | undefined {
  const words = userAgent?.slice(0, READ_MAX_LENGTH);
  if (!words) return undefined;
  const names = [firstOf(browsers, words), firstOf(systems, words)].filter((name) => name !== undefined);
  return names.length > 0 ? names.join(' · ') : undefined;
}

function firstOf(table: readonly (readonly [RegExp, string])[], words: string): string | undefined {
  return table.find(([pattern]) => pattern.test(words))?.[1];
}
