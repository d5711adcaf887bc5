package checkpoint

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"relink/importer"
)

// Known tells what the ledger knows of pairs that are not loaded. They are
// gathered in a temporary table, so neither memory nor the ledger grows. It is
// used by one goroutine; Close gives its connection back.
type Known struct {
	store  *Store
	conn   *pgxpool.Conn
	hasher hasher
	hashes [][16]byte
}

// knownBatch is how many pairs go to the database at a time.
const knownBatch = 8192

// Known begins such a question.
func (s *Store) Known(ctx context.Context) (*Known, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for known pairs: %w", err)
	}
	if _, err := conn.Exec(ctx, `CREATE TEMP TABLE asked (hash uuid)`); err != nil {
		conn.Release()
		return nil, fmt.Errorf("asking for known pairs: %w", err)
	}
	return &Known{store: s, conn: conn, hashes: make([][16]byte, 0, knownBatch)}, nil
}

// Add asks for one more pair; to ask twice for one changes nothing.
func (k *Known) Add(ctx context.Context, r importer.Relation) error {
	if k.hashes = append(k.hashes, k.hasher.hash(k.store.target, r)); len(k.hashes) < knownBatch {
		return nil
	}
	return k.flush(ctx)
}

func (k *Known) flush(ctx context.Context) error {
	_, err := k.conn.Exec(ctx, `
		INSERT INTO asked
		SELECT DISTINCT h FROM unnest($1::uuid[]) h WHERE h IN (SELECT hash FROM relation)`, k.hashes)
	if err != nil {
		return fmt.Errorf("asking for known pairs: %w", err)
	}
	k.hashes = k.hashes[:0]
	return nil
}

// Shares counts the pairs asked for that the ledger knows, by location and
// state.
func (k *Known) Shares(ctx context.Context) ([]Share, error) {
	if err := k.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := k.conn.Query(ctx, `
		SELECT 0::bigint, l.id, l.location, r.state, count(*), 0::bigint
		FROM (SELECT DISTINCT hash FROM asked) a
		JOIN relation r ON r.hash = a.hash
		JOIN unit u ON u.id = r.unit
		JOIN lane l ON l.id = u.lane
		GROUP BY l.id, l.location, r.state`)
	if err != nil {
		return nil, fmt.Errorf("asking for known pairs: %w", err)
	}
	shares, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Share])
	if err != nil {
		return nil, fmt.Errorf("asking for known pairs: %w", err)
	}
	return shares, nil
}

// Close ends the question.
func (k *Known) Close() {
	// A connection that cannot drop the table is not given back but closed.
	ctx := context.Background()
	if _, err := k.conn.Exec(ctx, `DROP TABLE asked`); err != nil {
		_ = k.conn.Conn().Close(ctx)
	}
	k.conn.Release()
}
