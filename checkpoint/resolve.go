package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"relink/importer"
)

// A Resolution says how many lines of a file find their records in its maps.
type Resolution struct {
	Rows      int64
	Resolved  int64
	Unmapped  int64 // a legacy id has no record
	Ambiguous int64 // a legacy id has two
	Rejected  int64 // bad before any map was asked
}

var errForecast = errors.New("nothing was to be kept")

// Resolve says what the maps of a file would make of its lines, and keeps
// nothing.
func (s *Store) Resolve(ctx context.Context, f File, next func(*importer.Line) error) (r Resolution, err error) {
	err = s.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, conn.Conn(), func(tx pgx.Tx) error {
			if _, err := s.stage(ctx, tx, f, next); err != nil {
				return err
			}
			err := tx.QueryRow(ctx, `
				SELECT count(*), count(hash), count(*) FILTER (WHERE cause = $1), count(*) FILTER (WHERE cause = $2)
				FROM stage`, string(importer.RejectUnmapped), string(importer.RejectAmbiguous)).
				Scan(&r.Rows, &r.Resolved, &r.Unmapped, &r.Ambiguous)
			if err != nil {
				return fmt.Errorf("counting lines: %w", err)
			}
			r.Rejected = r.Rows - r.Resolved - r.Unmapped - r.Ambiguous
			return errForecast
		})
	})
	if errors.Is(err, errForecast) {
		err = nil
	}
	return r, err
}
