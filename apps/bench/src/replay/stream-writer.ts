import type { Workload } from "../workloads/workload.ts";

/** Where the made-up WAL begins. */
const FIRST_LSN = 0x1_0000_0000n;
/** 2026-11-22 00:00 UTC as Postgres counts: microseconds since 2000. */
const FIRST_CLOCK = 848_620_800_000_000n;
const RELATION_ID = 16_384;
const FIRST_XID = 1000;
const HEADER = 5 + 25;

/**
 * Writes the CopyData frames that a walsender would send for transactions of Inserts, pgoutput protocol 1, into a
 * buffer of its own. Byte for byte what a server sends but for LSNs and clocks, which are made up.
 */
export class StreamWriter {
  readonly #workload: Workload;
  #buffer = Buffer.allocUnsafe(1 << 20);
  #at = 0;
  #lsn = FIRST_LSN;
  #clock = FIRST_CLOCK;
  #xid = FIRST_XID;
  #relationSent = false;

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  /** The end of the last Commit. */
  get lsn(): bigint {
    return this.#lsn;
  }

  /** One transaction that inserts `rows`, each the texts of its columns. */
  transaction(rows: Iterable<readonly string[]>): void {
    this.#xid += 1;
    this.#clock += 1000n;
    const begin = this.#open(this.#lsn);
    this.#uint8(0x42);
    this.#uint64(this.#lsn + 8n);
    this.#uint64(this.#clock);
    this.#uint32(this.#xid);
    this.#close(begin);
    for (const texts of rows) {
      // A walsender describes a table before its first change; such a message bears no LSN.
      if (!this.#relationSent) this.#relation();
      this.#insert(texts);
    }
    const commitLsn = this.#lsn;
    this.#lsn += 48n;
    const commit = this.#open(this.#lsn);
    this.#uint8(0x43);
    this.#uint8(0);
    this.#uint64(commitLsn);
    this.#uint64(this.#lsn);
    this.#uint64(this.#clock);
    this.#close(commit);
  }

  /** The bytes written since the last call: a view that the next `transaction` overwrites. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  #relation(): void {
    this.#relationSent = true;
    const relation = this.#open(0n);
    this.#uint8(0x52);
    this.#uint32(RELATION_ID);
    this.#text("public\0");
    this.#text(`${this.#workload.table}\0`);
    this.#uint8(0x64);
    this.#uint16(this.#workload.columns.length);
    for (const [index, column] of this.#workload.columns.entries()) {
      this.#uint8(index === 0 ? 1 : 0);
      this.#text(`${column.name}\0`);
      this.#uint32(column.typeOid);
      this.#uint32(0xffff_ffff);
    }
    this.#close(relation);
  }

  #insert(texts: readonly string[]): void {
    this.#lsn += 160n;
    const insert = this.#open(this.#lsn);
    this.#uint8(0x49);
    this.#uint32(RELATION_ID);
    this.#uint8(0x4e);
    this.#uint16(texts.length);
    for (const text of texts) {
      this.#uint8(0x74);
      this.#uint32(Buffer.byteLength(text));
      this.#text(text);
    }
    this.#close(insert);
  }

  /** Starts a frame; answers where, for {@link StreamWriter.#close}. */
  #open(lsn: bigint): number {
    const start = this.#at;
    this.#room(HEADER);
    this.#buffer[start] = 0x64;
    this.#at += 5;
    this.#uint8(0x77);
    this.#uint64(lsn);
    this.#uint64(lsn);
    this.#uint64(this.#clock);
    return start;
  }

  #close(start: number): void {
    this.#buffer.writeUInt32BE(this.#at - start - 1, start + 1);
  }

  #uint8(value: number): void {
    this.#room(1);
    this.#at = this.#buffer.writeUInt8(value, this.#at);
  }

  #uint16(value: number): void {
    this.#room(2);
    this.#at = this.#buffer.writeUInt16BE(value, this.#at);
  }

  #uint32(value: number): void {
    this.#room(4);
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
  }

  #uint64(value: bigint): void {
    this.#room(8);
    this.#at = this.#buffer.writeBigUInt64BE(value, this.#at);
  }

  #text(text: string): void {
    this.#room(3 * text.length);
    this.#at += this.#buffer.write(text, this.#at, "utf8");
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#buffer.length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
