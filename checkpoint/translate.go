package checkpoint

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// A Map tells which record took the place of a legacy id. It fills in one line
// a call, Relation.First with the legacy id and Relation.Second with the
// record's, and ends with io.EOF; any other error undoes the load.
type Map func(*importer.Line) error

// translate turns the lines of the table legacy into staged ones: each legacy
// id becomes the id of its record, by a join, since maps have millions of lines.
// A line whose id has no record, or two different ones, becomes a rejected one.
func translate(ctx context.Context, tx pgx.Tx, target string, f File) error {
	if err := copyMap(ctx, tx, "first", f.FirstMap); err != nil {
		return err
	}
	if err := copyMap(ctx, tx, "second", f.SecondMap); err != nil {
		return err
	}
	// The hash of a relation as hash.go makes it: a length as a uvarint goes
	// before each text. Two bytes of it do: no id is longer than 512.
	_, err := tx.Exec(ctx, `
		CREATE FUNCTION pg_temp.piece(text) RETURNS bytea LANGUAGE sql STABLE AS $$
		    SELECT CASE WHEN octet_length(convert_to($1, 'UTF8')) < 128
		                THEN set_byte('\x00', 0, octet_length(convert_to($1, 'UTF8')))
		                ELSE set_byte(set_byte('\x0000',
		                         0, octet_length(convert_to($1, 'UTF8')) % 128 + 128),
		                         1, octet_length(convert_to($1, 'UTF8')) / 128)
		           END || convert_to($1, 'UTF8')
		$$`)
	if err != nil {
		return fmt.Errorf("preparing the maps: %w", err)
	}
	_, err = tx.Exec(ctx, `
		WITH place AS MATERIALIZED (
		    SELECT u.id AS unit, pg_temp.piece($1) || pg_temp.piece(l.location) || pg_temp.piece(u.association) AS head
		    FROM unit u JOIN lane l ON l.id = u.lane WHERE l.target = $1
		), found AS (
		    SELECT l.line, l.lane, l.unit, l.raw,
		           CASE WHEN $2 THEN f.record ELSE l.first END AS first,
		           CASE WHEN $3 THEN s.record ELSE l.second END AS second,
		           CASE WHEN l.cause IS NOT NULL THEN l.cause
		                WHEN $2 AND f.record IS NULL OR $3 AND s.record IS NULL THEN $4
		                WHEN f.other IS NOT NULL OR s.other IS NOT NULL THEN $5
		           END AS cause,
		           CASE WHEN l.cause IS NOT NULL THEN l.reason ELSE concat_ws('; ',
		               CASE WHEN NOT $2 THEN NULL
		                    WHEN f.record IS NULL THEN format('the legacy id %s has no record in the first map', l.first)
		                    WHEN f.other IS NOT NULL THEN format('the legacy id %s has two records in the first map, %s and %s', l.first, f.record, f.other)
		               END,
		               CASE WHEN NOT $3 THEN NULL
		                    WHEN s.record IS NULL THEN format('the legacy id %s has no record in the second map', l.second)
		                    WHEN s.other IS NOT NULL THEN format('the legacy id %s has two records in the second map, %s and %s', l.second, s.record, s.other)
		               END)
		           END AS reason
		    FROM legacy l
		    LEFT JOIN first_map f ON f.legacy = l.first COLLATE "C"
		    LEFT JOIN second_map s ON s.legacy = l.second COLLATE "C"
		)
		INSERT INTO stage (line, lane, unit, hash, first, second, cause, reason, raw)
		SELECT f.line, CASE WHEN f.cause IS NULL THEN f.lane ELSE 0 END, f.unit,
		       CASE WHEN f.cause IS NULL THEN encode(substr(
		           sha256(p.head || pg_temp.piece(f.first) || pg_temp.piece(f.second)), 1, 16), 'hex')::uuid
		       END,
		       f.first, f.second, f.cause, CASE WHEN f.cause IS NOT NULL THEN f.reason END, f.raw
		FROM found f LEFT JOIN place p ON p.unit = f.unit
		ORDER BY f.line / 16384, f.line % 1024, f.line`,
		target, f.FirstMap != nil, f.SecondMap != nil, string(importer.RejectUnmapped), string(importer.RejectAmbiguous))
	if err != nil {
		return fmt.Errorf("translating legacy ids: %w", err)
	}
	if _, err := tx.Exec(ctx, `DROP FUNCTION pg_temp.piece(text)`); err != nil {
		return fmt.Errorf("translating legacy ids: %w", err)
	}
	return nil
}

// copyMap fills the table of one side's map, a line a legacy id; other is a
// second record that the same id has. Without a map it stays empty.
func copyMap(ctx context.Context, tx pgx.Tx, side string, next Map) error {
	lines, table := side+"_lines", side+"_map"
	_, err := tx.Exec(ctx, `CREATE TEMP TABLE `+lines+` (legacy text COLLATE "C", record text COLLATE "C") ON COMMIT DROP`)
	if err != nil {
		return fmt.Errorf("preparing the %s map: %w", side, err)
	}
	if next != nil {
		source := &mapLines{next: next}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{lines}, []string{"legacy", "record"}, source); source.err != nil {
			return source.err
		} else if err != nil {
			return fmt.Errorf("loading the %s map: %w", side, err)
		}
	}
	for _, sql := range []string{
		`CREATE TEMP TABLE ` + table + ` ON COMMIT DROP AS
		 SELECT legacy, min(record) AS record, nullif(max(record), min(record)) AS other
		 FROM ` + lines + ` GROUP BY legacy`,
		`DROP TABLE ` + lines,
		`ANALYZE ` + table,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("loading the %s map: %w", side, err)
		}
	}
	return nil
}

// mapLines copies a map's lines. It implements pgx.CopyFromSource.
type mapLines struct {
	next   Map
	line   importer.Line
	err    error // of next
	values [2]any
}

func (m *mapLines) Next() bool {
	m.line = importer.Line{}
	err := m.next(&m.line)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return err == nil
}

func (m *mapLines) Values() ([]any, error) {
	m.values = [2]any{m.line.Relation.First, m.line.Relation.Second}
	return m.values[:], nil
}

func (m *mapLines) Err() error { return m.err }
