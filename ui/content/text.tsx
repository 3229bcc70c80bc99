import { findLinks } from '../links.ts';

const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}(?:\ufe0f|\u200d\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s*){1,3}$/u;

/** Up to three emoji and nothing else: drawn large and without a bubble. */
export const isEmojiOnly = (text: string): boolean => text.length <= 40 && EMOJI_ONLY.test(text);

export interface TextContentProps {
  readonly text: string;
}

/** Text is only ever text: no markup but the links that were found in it. */
export function TextContent({ text }: TextContentProps) {
  return (
    <div class="text" dir="auto">
      {findLinks(text).map((part) =>
        part.href ? (
          <a href={part.href} target="_blank" rel="noopener nofollow ugc">
            {part.text}
          </a>
        ) : (
          part.text
        ),
      )}
    </div>
  );
}
