/** What stands in place of a password. */
const hidden = "***";

/** Shorter texts occur in words by chance; where one is a password, it is found by its place in a URL alone. */
const shortestSecret = 4;

/**
 * A text for people, without passwords: the one of any URL in it, `password=…`, and the secrets themselves wherever they
 * stand.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  const withoutUrls = text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi, `$1:${hidden}@`)
    .replace(/\b((?:ssl)?password=)[^\s&"']+/gi, `$1${hidden}`);
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((text, secret) => text.replaceAll(secret, hidden), withoutUrls);
}

/** The passwords that a connection by this URL and these variables may use, each in the forms in which it may be told. */
export function secretsOf(
  url: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const written = url === undefined ? undefined : /^[a-z]+:\/\/[^\s:/@]*:(.*)@/i.exec(url)?.[1];
  const query = url === undefined ? undefined : /[?&]password=([^&#]*)/i.exec(url)?.[1];
  const found = [written, query].flatMap((secret) => (secret === undefined ? [] : [secret, decoded(secret)]));
  const variable = environment["PGPASSWORD"];
  return [...new Set(variable === undefined ? found : [...found, variable])].filter((secret) => secret !== "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
