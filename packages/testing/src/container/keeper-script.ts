/** Where everything of the server lies in its container. */
export const home = "/tmp/trunkline";

/** The data directory in the container. */
export const dataDirectory = `${home}/data`;

/** The file in the data directory that holds the settings of one server. */
export const settingsPath = `${dataDirectory}/trunkline.conf`;

/** What the container says when there is a data directory, when there can't be one, and whenever its postmaster is gone. */
export const marks = {
  initialised: "trunkline: initialised",
  uninitialised: "trunkline: there is no data directory",
  exited: "trunkline: the postmaster is gone",
} as const;

/**
 * The first process of the container: makes the data directory, then runs a postmaster each time it is told to. It stays
 * while the postmaster is stopped, so that data and published port do too, and it buries what a crash leaves.
 * POSIX shell, for any image that has `initdb` and `postgres` on its PATH.
 */
export const keeperScript = `
umask 077
mkdir ${home} && cd ${home} && mkfifo orders || exit 1
if ! initdb -D ${dataDirectory} --no-sync -A trust -E UTF8 --locale=C -U postgres >initdb.log 2>&1; then
  cat initdb.log
  echo '${marks.uninitialised}'
  read -r order <orders
fi
echo "include_if_exists = 'trunkline.conf'" >>${dataDirectory}/postgresql.conf
echo '${marks.initialised}'
while read -r order <orders; do
  LC_ALL=C TZ=UTC postgres -D ${dataDirectory} -p 5432 -k ${home} -c 'listen_addresses=*' 2>&1
  echo '${marks.exited}'
done
`;

/** Tells the first process to run a postmaster. */
export const startCommand = ["sh", "-c", `echo start >${home}/orders`];

/** Sends the postmaster a signal, such as `SIGINT`. */
export const signalCommand = (signal: string): string[] => [
  "sh",
  "-c",
  `read -r pid <${dataDirectory}/postmaster.pid && kill -${signal.replace(/^SIG/, "")} "$pid"`,
];

/** Writes a file that only the server's user may read. */
export const writeCommand = (path: string, text: string): string[] => [
  "sh",
  "-c",
  'umask 077 && printf %s "$1" >"$2"',
  "sh",
  text,
  path,
];
