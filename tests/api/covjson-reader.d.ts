declare module 'covjson-reader' {
  interface Coverage {
    loadDomain(): Promise<{ axes: Map<string, { values: unknown[] }> }>;
    loadRange(parameter: string): Promise<{ get(at: { t: number }): number | null }>;
  }
  /** Reads a CoverageJSON document, given by address or as an object. */
  export function read(input: object | string): Promise<Coverage>;
}
