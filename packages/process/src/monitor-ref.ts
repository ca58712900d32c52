/** Names one monitor: what `demonitor` takes and `otp.down` carries. Compare by identity. */
export interface MonitorRef {
  /** Unique in this Node process, counting up. */
  readonly monitor: number;
}

let count = 0;

/** A fresh one. */
export function makeMonitorRef(): MonitorRef {
  count += 1;
  return { monitor: count };
}
