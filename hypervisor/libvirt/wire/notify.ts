/** Calls a listener so that its bugs surface as uncaught errors instead of breaking whatever had the news. */
export function notify<T>(listener: (news: T) => void, news: T): void {
  try {
    listener(news);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
