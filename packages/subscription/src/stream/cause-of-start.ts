/** Why a process could not be started, without the envelope of the start. */
export function causeOfStart(error: unknown): unknown {
  if (typeof error !== "object" || error === null || !("reason" in error)) return error;
  const { reason } = error;
  return typeof reason === "object" && reason !== null && "error" in reason ? reason.error : error;
}
