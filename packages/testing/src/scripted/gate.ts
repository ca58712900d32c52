/** Something one side waits for until the other side opens it. */
export interface Gate {
  /** Resolves once the gate is open. */
  readonly opened: Promise<void>;
  /** Opens it, for good. */
  open(): void;
}

/** A closed gate: `await peer.until(go.opened)` in the script, `go.open()` in the test; or the other way round. */
export function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
