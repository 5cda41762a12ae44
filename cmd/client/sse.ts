/** One server-sent event. */
export interface ServerEvent {
  type: string;
  data: string;
}

const EVENT_MAX_CHARACTERS = 16 * 1024 * 1024;

/** Events of a stream, as the HTML standard frames them: fields in lines, an empty line ends an event, `:` starts a comment. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > EVENT_MAX_CHARACTERS) throw new Error('An event of the server is too long.');
    const blocks = rest.replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

function eventOf(block: string): ServerEvent | null {
  const event = { type: 'message', data: [] as string[] };
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (name === 'event') event.type = value;
    if (name === 'data') event.data.push(value);
  }
  if (event.data.length === 0 && event.type === 'message') return null;
  return { type: event.type, data: event.data.join('\n') };
}
