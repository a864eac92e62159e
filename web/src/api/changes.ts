import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { ApiError, sendChange, type Change } from './client.ts';
import { useMe } from './queries.ts';

/**
 * A change made by whoever is signed in. Afterwards everything shown is asked again, and so is who one is after a refusal: the
 * session may be over.
 */
export function useChange<T>(done?: (answer: T) => void): UseMutationResult<T, Error, Change> {
  const queries = useQueryClient();
  const csrf = useMe().data?.result.session?.csrf ?? null;
  return useMutation<T, Error, Change>({
    mutationFn: (change) => sendChange<T>(change, csrf),
    onSuccess: async (answer) => {
      done?.(answer);
      await queries.invalidateQueries();
    },
    onError: (error) => {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403))
        void queries.invalidateQueries({ queryKey: ['/me'] });
    },
  });
}
