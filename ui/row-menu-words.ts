/** Of the chunk that can wait, so that the first one need not carry the words of a menu that few open. */
import type { ErrorCode } from '../protocol/errors.ts';

export interface RowMenuWords {
  /** Name of the button. */
  readonly options: string;
  readonly recall: string;
  readonly delete: string;
  /** Why it did not work, where trying again cannot help. */
  readonly problems: Readonly<Partial<Record<ErrorCode, string>>>;
  readonly failed: string;
}

const en: RowMenuWords = {
  options: 'Message options',
  recall: 'Recall',
  delete: 'Delete',
  problems: { 'recall-too-late': 'Too late to recall.', 'not-found': 'It is gone already.' },
  failed: 'That did not work. Try again.',
};

const chinese: RowMenuWords = {
  options: '消息操作',
  recall: '撤回',
  delete: '删除',
  problems: { 'recall-too-late': '时间太久，无法撤回。', 'not-found': '这条消息已经不在了。' },
  failed: '没有成功，请重试。',
};

export const rowMenuWords = (locale: string): RowMenuWords => (locale.startsWith('zh') ? chinese : en);
