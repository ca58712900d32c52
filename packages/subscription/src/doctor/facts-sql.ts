import { quoteLiteral } from "@trunkline/protocol";
import type { ResolvedTable } from "../publication/publication-spec.ts";

/** What to ask about. */
export interface Subject {
  readonly slot: string;
  readonly publications: readonly string[];
  /** Tables and schemas that are to be published. */
  readonly tables: readonly ResolvedTable[];
  readonly schemas: readonly string[];
  /** All tables are to be published. */
  readonly allTables: boolean;
}

const list = (items: readonly string[]): string => `ARRAY[${items.map(quoteLiteral).join(", ")}]::text[]`;

/**
 * One statement that every server from 14 to 18 answers with one JSON text. Whole catalog rows are asked for where the
 * columns differ between versions. Tables are found by the catalog, since the role may not even use their schema.
 * @throws ProtocolError `identifier_invalid`, `text_invalid`
 */
export function factsSql({ slot, publications, tables, schemas, allTables }: Subject): string {
  const names = list(publications);
  return `
WITH listed AS (
  SELECT c.oid FROM pg_publication_tables t JOIN pg_namespace n ON n.nspname = t.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename WHERE t.pubname = ANY(${names})
  UNION SELECT c.oid FROM unnest(${list(tables.map(({ schema }) => schema))}, ${list(tables.map(({ table }) => table))}) AS t(s, r)
    JOIN pg_namespace n ON n.nspname = t.s JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.r
  UNION SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND (n.nspname = ANY(${list(schemas)})
      OR ${allTables} AND c.relpersistence = 'p' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
), seen AS (
  SELECT oid FROM listed
  UNION SELECT leaf.relid FROM listed, pg_partition_tree(listed.oid) AS leaf WHERE leaf.isleaf
)
SELECT json_build_object(
  'server', (SELECT json_build_object(
    'version', current_setting('server_version_num')::int / 10000,
    'inRecovery', pg_is_in_recovery(),
    'walLevel', current_setting('wal_level'),
    'slots', (SELECT count(*) FROM pg_replication_slots),
    'maxSlots', current_setting('max_replication_slots')::int,
    'senders', (SELECT count(*) FROM pg_stat_replication),
    'maxSenders', current_setting('max_wal_senders')::int,
    'role', current_user,
    'superuser', r.rolsuper,
    'mayReplicate', r.rolsuper OR r.rolreplication OR EXISTS (
      SELECT FROM pg_roles g WHERE g.rolname = 'rds_replication' AND pg_has_role(r.oid, g.oid, 'MEMBER')),
    'database', current_database(),
    'mayCreate', has_database_privilege(current_database(), 'CREATE'),
    'serverEncoding', current_setting('server_encoding'),
    'walSenderTimeoutMs', (SELECT setting::int FROM pg_settings WHERE name = 'wal_sender_timeout'),
    'maxSlotWalKeepMegabytes', (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
    'idleSlotTimeoutSeconds', coalesce(
      (SELECT setting::int * CASE unit WHEN 'min' THEN 60 ELSE 1 END
       FROM pg_settings WHERE name = 'idle_replication_slot_timeout'), 0),
    'session', (SELECT json_object_agg(name, current_setting(name)) FROM unnest(ARRAY[
      'client_encoding', 'DateStyle', 'IntervalStyle', 'TimeZone', 'extra_float_digits', 'bytea_output',
      'standard_conforming_strings']) AS name)
  ) FROM pg_roles r WHERE r.rolname = current_user),
  'slot', (SELECT row_to_json(s) FROM pg_replication_slots s WHERE s.slot_name = ${quoteLiteral(slot)}),
  'publications', (SELECT json_agg(row_to_json(p) ORDER BY pubname) FROM pg_publication p WHERE pubname = ANY(${names})),
  'published', (SELECT json_agg(row_to_json(t) ORDER BY schemaname, tablename)
    FROM pg_publication_tables t WHERE pubname = ANY(${names})),
  'relations', (SELECT json_agg(json_build_object(
      'publication', p.pubname, 'schema', n.nspname, 'table', c.relname,
      'listed', to_jsonb(pr)->>'prattrs' IS NOT NULL,
      'columns', (SELECT json_agg(a.attname) FROM pg_depend d
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = pr.oid
          AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0)))
    FROM pg_publication_rel pr
    JOIN pg_publication p ON p.oid = pr.prpubid
    JOIN pg_class c ON c.oid = pr.prrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE p.pubname = ANY(${names})),
  'tables', (SELECT json_agg(json_build_object(
      'schema', n.nspname, 'table', c.relname, 'kind', c.relkind, 'persistence', c.relpersistence,
      'identity', c.relreplident, 'isPartition', c.relispartition,
      'owned', pg_has_role(c.relowner, 'USAGE'),
      'readable', has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
      'rowSecurity', row_security_active(c.oid),
      'identityColumns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
        WHERE i.indrelid = c.oid AND i.indisvalid AND CASE c.relreplident
          WHEN 'd' THEN i.indisprimary AND i.indimmediate WHEN 'i' THEN i.indisreplident ELSE false END),
      'ancestors', (SELECT json_agg(format('%s.%s', an.nspname, ac.relname)) FROM pg_partition_ancestors(c.oid) AS a
        JOIN pg_class ac ON ac.oid = a.relid JOIN pg_namespace an ON an.oid = ac.relnamespace WHERE a.relid <> c.oid),
      'columns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
      'generated', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = 's')
    ) ORDER BY n.nspname, c.relname)
    FROM seen JOIN pg_class c ON c.oid = seen.oid JOIN pg_namespace n ON n.oid = c.relnamespace)
)::text`;
}
