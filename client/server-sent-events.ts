/** Reads a `text/event-stream` (WHATWG HTML, 9.2) from the answer of a fetch, as it comes. */
export interface StreamEvent {
  readonly type: string;
  /** The last one that was given. */
  readonly id: string;
  readonly data: string;
}

/** Resolves at the end of the stream. `onWord`: anything came, also a comment. */
export async function readEvents(
  answer: Response,
  onWord: () => void,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  const parse = createParser(onEvent);
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || value === undefined) return;
    onWord();
    parse(decoder.decode(value, { stream: true }));
  }
}

/** Takes the text in whatever pieces it comes. */
export function createParser(onEvent: (event: StreamEvent) => void): (text: string) => void {
  // A line may come in many pieces: they are joined once, when its end has come.
  let pieces: string[] = [];
  let type = '';
  let id = '';
  let data: string[] = [];
  const onLine = (line: string) => {
    if (line === '') {
      if (data.length > 0) onEvent({ type: type || 'message', id, data: data.join('\n') });
      type = '';
      data = [];
      return;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id') id = value;
  };
  return (text) => {
    const lines = text.split('\n');
    lines.forEach((line, at) => {
      pieces.push(line);
      if (at === lines.length - 1) return;
      const whole = pieces.join('');
      pieces = [];
      onLine(whole.endsWith('\r') ? whole.slice(0, -1) : whole);
    });
  };
}
