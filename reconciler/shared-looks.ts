/**
 * Many who look at the same thing at once look together: whoever asks while a look is under way joins the one after it, never the one
 * that may have looked before they asked. So the looks of any number of readers are one at a time.
 */
export function shareLooks<Query, Answer>(look: (query: Query) => Promise<Answer>): (query: Query) => Promise<Answer> {
  const running = new Map<string, Promise<Answer>>();
  const next = new Map<string, Promise<Answer>>();
  const start = (name: string, query: Query): Promise<Answer> => {
    const looking = look(query).finally(() => {
      if (running.get(name) === looking) running.delete(name);
    });
    running.set(name, looking);
    return looking;
  };
  return (query) => {
    const name = JSON.stringify(query);
    const before = running.get(name);
    if (!before) return start(name, query);
    const joined =
      next.get(name) ??
      before
        .catch(() => undefined)
        .then(() => {
          next.delete(name);
          return start(name, query);
        });
    next.set(name, joined);
    return joined;
  };
}
