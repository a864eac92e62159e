import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError, eventIds } from '../api/client.ts';

const againAfterMs = 3000;

/** Has alerts asked again whenever the server tells of one; answers how to stop. */
function listenTo(queries: QueryClient): () => void {
  const leaving = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: string | null = null;
  const listen = async (): Promise<void> => {
    try {
      for await (const id of eventIds('/alerts/stream', last, leaving.signal)) {
        last = id;
        void queries.invalidateQueries({
          predicate: ({ queryKey: [path] }) => typeof path === 'string' && path.startsWith('/alerts'),
        });
      }
    } catch (error) {
      // Who may not listen may not look either, which the page says; anything else is tried again.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return;
    }
    if (!leaving.signal.aborted) timer = setTimeout(() => void listen(), againAfterMs);
  };
  void listen();
  return () => {
    clearTimeout(timer);
    leaving.abort();
  };
}

/** While a page of alerts is open it is kept live by the server's stream. */
export function useLiveAlerts(): void {
  const queries = useQueryClient();
  useEffect(() => listenTo(queries), [queries]);
}
