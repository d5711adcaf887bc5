package checkpoint

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// Made is what became of the relations that a run created.
type Made struct {
	Created   int64 // there as far as we know, surely made by the run
	Uncertain int64 // there, made by the run as far as can be known
	Undone    int64
	Existing  int64 // found there by the run: not its work
	Sending   int64 // sent by the run, with no outcome yet
}

// Made counts what became of a run's relations: one pass over the table.
func (s *Store) Made(ctx context.Context, run int64) (m Made, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE state = 'created' AND NOT uncertain),
		       count(*) FILTER (WHERE state = 'created' AND uncertain),
		       count(*) FILTER (WHERE state = 'undone'),
		       count(*) FILTER (WHERE state = 'existing'),
		       (SELECT count(*) FROM relation d WHERE d.state = 'pending' AND d.id = ANY (ARRAY(
		           SELECT unnest(relations) FROM claim WHERE run = $1 AND operation = 'create')))
		FROM relation WHERE run = $1`, run).Scan(&m.Created, &m.Uncertain, &m.Undone, &m.Existing, &m.Sending)
	if err != nil {
		return m, fmt.Errorf("counting what run %d created: %w", run, err)
	}
	return m, nil
}

// Uncertain lists the first relations of uncertain origin that a run created.
func (s *Store) Uncertain(ctx context.Context, run int64, limit int) ([]importer.Relation, error) {
	return s.relations(ctx, `r.run = $1 AND r.state = 'created' AND r.uncertain ORDER BY r.id LIMIT $2`, run, limit)
}

// relations lists relations for which where holds.
func (s *Store) relations(ctx context.Context, where string, args ...any) ([]importer.Relation, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT l.location, u.association, r.first, r.second
		FROM relation r JOIN unit u ON u.id = r.unit JOIN lane l ON l.id = u.lane
		WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("listing relations: %w", err)
	}
	relations, err := pgx.CollectRows(rows, pgx.RowToStructByPos[importer.Relation])
	if err != nil {
		return nil, fmt.Errorf("listing relations: %w", err)
	}
	return relations, nil
}
