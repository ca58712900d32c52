/** A value or the reason there is none, for callers that prefer a branch to a `catch`. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };
