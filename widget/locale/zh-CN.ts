import { words as shared } from '../../ui/locale/zh-CN.ts';
import type { WidgetWords } from '../words.ts';

export const words: WidgetWords = {
  ...shared,
  chat: '聊天',
  back: '返回',
  menu: '选项',
  online: '在线',
  away: '暂时不在，回来后会在这里回复你',
  greeting: '你好！有什么可以帮你？',
  questions: '常见问题',
  newMessage: '新消息',

  theme: '外观',
  themes: { auto: '自动', light: '浅色', dark: '深色' },

  notifications: '通知',
  pushOffer: '有回复时通知你？',
  pushLater: '发出第一条消息后就可以打开。',
  pushTurnOn: '打开通知',
  pushAsking: '等待浏览器确认…',
  pushOpenWindow: '没有弹出窗口？点这里打开',
  pushOn: '已打开，有回复时会通知你。',
  pushBlocked: '已被浏览器设置拦截。',
  pushNeedsInstall: '把本页添加到主屏幕，就可以接收通知。',
  pushUnsupported: '这个浏览器不支持通知。',
  pushFailed: '没能打开通知。',

  reload: '刷新',
  unavailable: '无法聊天',
};
