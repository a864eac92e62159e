import { httpCaller, reasonOf } from './channels/http.ts';

/**
 * Calls an outside watchdog as long as this process is well, so that its own death is noticed where nobody looks at a screen: the
 * watchdog alarms when the calls stop. `well` false leaves a beat out.
 */
export function startHeartbeat(options: {
  url: string;
  everyS: number;
  well(): Promise<boolean>;
  onMissed(reason: string): void;
}): { close(): Promise<void> } {
  const http = httpCaller(undefined);
  const stopping = new AbortController();
  const beat = async (): Promise<void> => {
    try {
      if (!(await options.well())) return options.onMissed('this process is not well');
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(10_000)]);
      const { status } = await http.call({ url: options.url, method: 'GET', headers: {} }, signal);
      if (status >= 300) options.onMissed(`the watchdog answers ${status}`);
    } catch (error) {
      if (!stopping.signal.aborted) options.onMissed(reasonOf(error));
    }
  };
  let running = beat();
  const timer = setInterval(() => {
    running = beat();
  }, options.everyS * 1000);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      stopping.abort();
      await running;
      await http.close();
    },
  };
}
