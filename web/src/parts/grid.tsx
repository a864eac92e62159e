import type { ReactElement, ReactNode } from 'react';

export interface Head {
  text: ReactNode;
  /** Numbers stand right, and so does their heading. */
  number?: boolean;
}

/** A plain table in a frame that scrolls sideways; the frame can be reached by keyboard. */
export function Grid({
  label,
  heads,
  children,
  className = '',
  id,
}: {
  label: string;
  heads: readonly Head[];
  children: ReactNode;
  className?: string;
  id?: string;
}): ReactElement {
  return (
    /* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a part that scrolls must be reachable by keyboard */
    <section className={`wide ${className}`} tabIndex={0} aria-label={label} data-testid={id}>
      <table className="grid">
        <thead>
          <tr>
            {heads.map(({ text, number }, at) => (
              // Headings of one table never change places.
              // oxlint-disable-next-line react/no-array-index-key
              <th key={at} scope="col" className={number === true ? 'number' : ''}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
