/** A small set for support talk: what people pick nine times out of ten. Each with its name for screen readers and tooltips. */
export interface EmojiGroup {
  readonly en: string;
  readonly zh: string;
  /** Emoji, English name, Chinese name. */
  readonly emoji: readonly (readonly [emoji: string, en: string, zh: string])[];
}

const parse = (list: string): EmojiGroup['emoji'] =>
  list
    .trim()
    .split('\n')
    .map((line) => {
      const [emoji = '', en = '', zh = ''] = line.trim().split('|');
      return [emoji, en, zh];
    });

export const emojiGroups: readonly EmojiGroup[] = [
  {
    en: 'Faces',
    zh: '表情',
    emoji: parse(`
      😀|grinning|咧嘴笑
      😄|smiling with open mouth|大笑
      😁|beaming|开心
      😂|tears of joy|笑哭
      🤣|rolling with laughter|笑得打滚
      😊|smiling|微笑
      🙂|slightly smiling|浅笑
      😉|winking|眨眼
      😍|heart eyes|花痴
      🥰|smiling with hearts|喜爱
      😘|blowing a kiss|飞吻
      😋|yummy|好吃
      😜|winking with tongue|调皮
      😎|cool|酷
      🤩|star-struck|崇拜
      🥳|partying|庆祝
      🤗|hugging|抱抱
      🤔|thinking|思考
      🤨|raised eyebrow|怀疑
      😐|neutral|面无表情
      😶|speechless|无语
      🙄|rolling eyes|翻白眼
      😏|smirking|得意
      😴|sleeping|睡觉
      😷|medical mask|戴口罩
      🤒|ill|生病
      😅|sweating smile|尴尬
      😳|flushed|脸红
      😮|surprised|惊讶
      😱|screaming|惊恐
      😢|crying|流泪
      😭|sobbing|大哭
      😞|disappointed|失望
      😔|pensive|沮丧
      😟|worried|担心
      😡|angry|生气
      😤|huffing|哼
      😩|weary|疲惫
      🥺|pleading|恳求
      😬|grimacing|龇牙`),
  },
  {
    en: 'Hands',
    zh: '手势',
    emoji: parse(`
      👍|thumbs up|赞
      👎|thumbs down|踩
      👌|OK|好的
      ✌️|victory|胜利
      🤞|crossed fingers|祈愿
      🤝|handshake|握手
      👏|clapping|鼓掌
      🙌|raised hands|万岁
      🙏|folded hands|拜托
      💪|strong|加油
      👋|waving|挥手
      ✋|raised hand|举手
      👉|pointing right|向右
      👈|pointing left|向左
      👇|pointing down|向下
      ☝️|pointing up|向上
      🤙|call me|联系我
      ✍️|writing|写字
      👀|eyes|看看
      🙋|raising a hand|提问
      🤷|shrugging|不知道
      🤦|facepalm|捂脸`),
  },
  {
    en: 'Hearts and signs',
    zh: '爱心与符号',
    emoji: parse(`
      ❤️|red heart|红心
      🧡|orange heart|橙心
      💛|yellow heart|黄心
      💚|green heart|绿心
      💙|blue heart|蓝心
      💜|purple heart|紫心
      💔|broken heart|心碎
      💯|hundred points|满分
      ✅|done|完成
      ❌|wrong|错误
      ❓|question|疑问
      ❗|exclamation|感叹
      ⚠️|warning|警告
      ⭐|star|星星
      🔥|fire|火
      ✨|sparkles|闪亮
      🎉|party popper|撒花
      🎁|gift|礼物
      🌹|rose|玫瑰
      ☀️|sun|太阳`),
  },
  {
    en: 'Things',
    zh: '物品',
    emoji: parse(`
      📦|parcel|包裹
      🚚|delivery van|送货车
      🛒|shopping cart|购物车
      🛍️|shopping bags|购物袋
      💳|credit card|银行卡
      💰|money|钱
      🧾|receipt|小票
      🏷️|price tag|标签
      📷|camera|相机
      📱|phone|手机
      💻|laptop|电脑
      📧|e-mail|邮件
      📞|telephone|电话
      📄|page|文档
      📍|place|位置
      ⏰|alarm clock|闹钟
      📅|calendar|日历
      🔑|key|钥匙
      🔒|lock|锁
      💡|idea|主意
      ☕|coffee|咖啡
      🍵|tea|茶
      🎂|cake|蛋糕
      🚗|car|汽车`),
  },
];
