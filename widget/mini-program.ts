/**
 * A page inside a mini-program's web-view. Nothing of a platform is loaded from outside: the web-view itself brings the bridge
 * (WeChat's JSSDK only wraps `WeixinJSBridge`), and where a page or a host has the SDK already, that one is used.
 */
interface MiniProgramApi {
  navigateBack?(options?: { delta?: number }): void;
}

export interface MiniProgramGlobals {
  readonly __wxjs_environment?: string;
  readonly wx?: { readonly miniProgram?: MiniProgramApi };
  readonly qq?: { readonly miniProgram?: MiniProgramApi };
  readonly tt?: { readonly miniProgram?: MiniProgramApi };
  readonly xhs?: { readonly miniProgram?: MiniProgramApi };
  readonly swan?: { readonly webView?: MiniProgramApi };
  readonly my?: MiniProgramApi;
  readonly WeixinJSBridge?: { invoke(name: string, options: unknown, done: () => void): void };
}

/** WeChat, QQ and Alipay say it in the user agent, Douyin and Baidu by a name of their own. */
const USER_AGENT = /miniProgram|ToutiaoMicroApp|swan\/|swan-baiduboxapp/i;

export const isMiniProgram = (userAgent: string, globals: MiniProgramGlobals): boolean =>
  globals.__wxjs_environment === 'miniprogram' || USER_AGENT.test(userAgent);

/** Back to the page of the mini-program that opened this one. */
export function leaveMiniProgram(globals: MiniProgramGlobals, back: () => void): void {
  const { wx, qq, tt, xhs, swan, my, WeixinJSBridge } = globals;
  const api = [wx?.miniProgram, qq?.miniProgram, tt?.miniProgram, xhs?.miniProgram, swan?.webView, my].find(
    (candidate) => typeof candidate?.navigateBack === 'function',
  );
  if (api?.navigateBack) api.navigateBack({ delta: 1 });
  else if (WeixinJSBridge)
    WeixinJSBridge.invoke('invokeMiniProgramAPI', { name: 'navigateBack', arg: { delta: 1 } }, () => {});
  else back();
}
