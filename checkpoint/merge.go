package checkpoint

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A merging turns the staged lines into an import, its rows and its relations.
//
// Each staged line came with the id that its relation gets if the ledger does
// not know the pair yet, as nearly always: so the rows can name their relations
// without looking for a million hashes. Only the lines that did not get theirs
// are looked up, in seen.
type merging struct {
	tx     pgx.Tx
	target string

	rows, good  int64 // lines, and those that name a relation
	low, high   int64 // the staged ids
	made, known int64 // relations that are new, and that the ledger had
}

func (m *merging) run(ctx context.Context, f File) (id int64, err error) {
	err = m.tx.QueryRow(ctx, `
		SELECT count(*), count(hash), coalesce(min(id), 0), coalesce(max(id), 0) FROM stage`).
		Scan(&m.rows, &m.good, &m.low, &m.high)
	if err != nil {
		return 0, fmt.Errorf("counting lines: %w", err)
	}
	made, err := m.tx.Exec(ctx, `
		INSERT INTO relation (id, hash, unit, first, second) OVERRIDING SYSTEM VALUE
		SELECT id, hash, unit, first, second FROM stage WHERE hash IS NOT NULL
		ON CONFLICT (hash) DO NOTHING`)
	if err != nil {
		return 0, fmt.Errorf("merging pairs: %w", err)
	}
	m.made = made.RowsAffected()
	if err := m.look(ctx); err != nil {
		return 0, fmt.Errorf("merging repeated pairs: %w", err)
	}
	if id, err = m.record(ctx, f); err != nil {
		return 0, fmt.Errorf("merging the file: %w", err)
	}
	_, err = m.tx.Exec(ctx, `
		INSERT INTO row (relation, import, lane, line, repeated, cause, reason, raw)
		SELECT CASE WHEN s.hash IS NOT NULL THEN coalesce(k.relation, s.id) END,
		       $1, s.lane, s.line, coalesce(k.repeated, false), s.cause, s.reason, s.raw
		FROM stage s LEFT JOIN seen k ON k.line = s.line`, id)
	if err != nil {
		return 0, fmt.Errorf("merging lines: %w", err)
	}
	if err := m.revive(ctx); err != nil {
		return 0, fmt.Errorf("taking up failed pairs again: %w", err)
	}
	if _, err := m.tx.Exec(ctx, `ANALYZE relation, row`); err != nil {
		return 0, fmt.Errorf("merging lines: %w", err)
	}
	return id, nil
}

// look fills seen with the lines whose pair was there already: in the ledger,
// or further up in the file.
func (m *merging) look(ctx context.Context) error {
	_, err := m.tx.Exec(ctx, `
		CREATE TEMP TABLE seen (
		    line integer, relation bigint, repeated boolean, known boolean
		) ON COMMIT DROP`)
	if err != nil || m.made == m.good {
		return err
	}
	if _, err := m.tx.Exec(ctx, `ANALYZE stage, relation`); err != nil {
		return err
	}
	// The bounds keep a ledger of many files from being read whole.
	_, err = m.tx.Exec(ctx, `
		CREATE TEMP TABLE left_over ON COMMIT DROP AS
		SELECT line, hash FROM stage s
		WHERE hash IS NOT NULL
		  AND NOT EXISTS (SELECT FROM relation r WHERE r.id = s.id AND r.id BETWEEN $1 AND $2)`,
		m.low, m.high)
	if err != nil {
		return err
	}
	if _, err := m.tx.Exec(ctx, `ANALYZE left_over`); err != nil {
		return err
	}
	// A relation of this very transaction was made by a line that may stand
	// further down than one that is left over.
	_, err = m.tx.Exec(ctx, `
		WITH twice AS MATERIALIZED (
		    SELECT l.line, r.id, r.xmin <> pg_current_xact_id()::xid AS known
		    FROM left_over l
		    JOIN relation r ON r.hash = l.hash
		)
		INSERT INTO seen (line, relation, repeated, known)
		SELECT line, id, line > min(line) OVER (PARTITION BY id), known
		FROM (
		    SELECT * FROM twice
		    UNION
		    SELECT s.line, s.id, false FROM stage s
		    WHERE s.id IN (SELECT id FROM twice WHERE NOT known)
		) t`)
	if err != nil {
		return err
	}
	if _, err := m.tx.Exec(ctx, `ANALYZE seen`); err != nil {
		return err
	}
	return m.tx.QueryRow(ctx, `SELECT count(*) FROM seen WHERE known AND NOT repeated`).Scan(&m.known)
}

// record writes the import with its books.
func (m *merging) record(ctx context.Context, f File) (id int64, err error) {
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil {
		return 0, fmt.Errorf("reading a SHA-256: %w", err)
	}
	pairs := m.made + m.known
	err = m.tx.QueryRow(ctx, `
		INSERT INTO import (target, sha256, reading, name, header, columns, delimiter, size,
		                    rows, pairs, repeated, rejected, known)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		RETURNING id`,
		m.target, sum, f.Reading, clean(f.Name), cleanAll(f.Header), append([]int{}, f.Columns...), string(f.Delimiter), f.Size,
		m.rows, pairs, m.good-pairs, m.rows-m.good, m.known).Scan(&id)
	return id, err
}

// revive makes pairs pending again that had failed or were undone: to hand them
// back in a new file is asking for that.
func (m *merging) revive(ctx context.Context) error {
	if m.known == 0 {
		return nil
	}
	_, err := m.tx.Exec(ctx, `
		UPDATE relation r
		SET state = 'pending', run = NULL, settled_at = NULL, attempts = 0, uncertain = false,
		    status = NULL, remote_id = NULL, cause = NULL, message = NULL, trace_id = NULL
		WHERE r.state IN ('failed', 'undone')
		  AND r.id IN (SELECT relation FROM seen WHERE known)`)
	return err
}
