/** Of the chunk that can wait, as the setting itself. */
export interface ClearWords {
  readonly title: string;
  readonly clear: string;
  /** What will happen. */
  readonly warning: string;
  readonly yes: string;
  readonly no: string;
  readonly failed: string;
}

const en: ClearWords = {
  title: 'Conversation',
  clear: 'Clear conversation',
  warning: 'Clear it on all your devices? This cannot be undone. We keep our copy.',
  yes: 'Clear',
  no: 'Keep',
  failed: 'It could not be cleared. Try again when you are online.',
};

const chinese: ClearWords = {
  title: '对话',
  clear: '清空聊天记录',
  warning: '清空你所有设备上的聊天记录？清空后无法恢复，我们会保留自己的一份。',
  yes: '清空',
  no: '保留',
  failed: '没有清空，请联网后重试。',
};

export const clearWords = (language: 'en' | 'zh-CN'): ClearWords => (language === 'zh-CN' ? chinese : en);
