package checkpoint

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// An Import is one loaded file.
type Import struct {
	ID        int64
	Target    string
	Name      string
	SHA256    string
	Reading   string // how it was read
	Header    []string
	Columns   []int // of location, association, first and second id in Header; -1: none
	Delimiter rune
	Size      int64
	LoadedAt  time.Time

	Rows, Pairs, Repeated, Rejected int64
	Known                           int64 // pairs that the ledger knew before
}

// imports lists the target's imports for which where holds; its parameters
// begin with $2. A store without a target lists those of all targets.
func (s *Store) imports(ctx context.Context, where string, args ...any) ([]Import, error) {
	return again(ctx, func() ([]Import, error) { return s.list(ctx, where, args...) })
}

func (s *Store) list(ctx context.Context, where string, args ...any) ([]Import, error) {
	type record struct {
		ID                                     int64
		Target                                 string
		Name                                   string
		SHA256                                 []byte
		Reading                                string
		Header                                 []string
		Columns                                []int
		Delimiter                              string
		Size                                   int64
		LoadedAt                               time.Time
		Rows, Pairs, Repeated, Rejected, Known int64
	}
	rows, err := s.pool.Query(ctx, `
		SELECT i.id, i.target, i.name, i.sha256, i.reading, i.header, i.columns, i.delimiter, i.size, i.loaded_at,
		       i.rows, i.pairs, i.repeated, i.rejected, i.known
		FROM import i WHERE ($1 = '' OR i.target = $1) AND `+where+` ORDER BY i.id`, append([]any{s.target}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("listing imports: %w", err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record])
	if err != nil {
		return nil, fmt.Errorf("listing imports: %w", err)
	}
	imports := make([]Import, 0, len(records))
	for _, r := range records {
		imports = append(imports, Import{
			ID: r.ID, Target: r.Target, Name: r.Name, SHA256: hex.EncodeToString(r.SHA256), Reading: r.Reading,
			Header: r.Header, Columns: r.Columns,
			Delimiter: []rune(r.Delimiter)[0], Size: r.Size, LoadedAt: r.LoadedAt,
			Rows: r.Rows, Pairs: r.Pairs, Repeated: r.Repeated, Rejected: r.Rejected, Known: r.Known,
		})
	}
	return imports, nil
}

// Imports lists the target's imports with these ids, or all of them.
func (s *Store) Imports(ctx context.Context, ids ...int64) ([]Import, error) {
	if len(ids) == 0 {
		return s.imports(ctx, `true`)
	}
	return s.imports(ctx, `i.id = ANY($2)`, ids)
}

// A Share is what one import holds of one location, by state.
type Share struct {
	Import   int64
	Lane     int64
	Location string
	State    importer.State
	Pairs    int64
	Line     int64 // the first line among them
}

// Shares counts the pairs of imports by location and state, each pair once an
// import. It is one pass over the rows: 0.3 to 0.7 s for a million.
func (s *Store) Shares(ctx context.Context, imports []int64) ([]Share, error) {
	return again(ctx, func() ([]Share, error) { return s.count(ctx, imports) })
}

func (s *Store) count(ctx context.Context, imports []int64) ([]Share, error) {
	// A row whose relation is not joined has the usual state: the most common
	// one leaves the least to be joined.
	usual := importer.Pending
	err := s.pool.QueryRow(ctx, `
		SELECT state FROM relation TABLESAMPLE SYSTEM (1)
		GROUP BY state ORDER BY count(*) DESC LIMIT 1`).Scan(&usual)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("counting pairs: %w", err)
	}
	return s.shares(ctx, imports, usual)
}

// shares counts; its answer is the same whatever state is taken for the usual.
func (s *Store) shares(ctx context.Context, imports []int64, usual importer.State) ([]Share, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT g.import, g.lane, l.location, g.state, g.pairs, g.line
		FROM (
		    SELECT w.import, w.lane, count(*) AS pairs, min(w.line) AS line,
		           CASE WHEN coalesce(r.state, $2) = 'pending' AND c.id IS NOT NULL
		                THEN 'sending' ELSE coalesce(r.state, $2) END AS state
		    FROM row w
		    LEFT JOIN relation r ON r.id = w.relation AND r.state <> $2
		    LEFT JOIN (
		        SELECT DISTINCT unnest(relations) AS id FROM claim WHERE operation = 'create'
		    ) c ON c.id = w.relation
		    WHERE w.import = ANY ($1) AND NOT w.repeated AND w.relation IS NOT NULL
		    GROUP BY w.import, w.lane, 5
		) g JOIN lane l ON l.id = g.lane
		ORDER BY g.import, l.location, g.state`, imports, usual)
	if err != nil {
		return nil, fmt.Errorf("counting pairs: %w", err)
	}
	shares, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Share])
	if err != nil {
		return nil, fmt.Errorf("counting pairs: %w", err)
	}
	return shares, nil
}

// Books adds up what Shares found for one import.
func (i Import) Books(shares []Share) importer.Books {
	b := importer.Books{Rows: i.Rows, Distinct: i.Pairs, Repeated: i.Repeated, Rejected: i.Rejected}
	for _, share := range shares {
		if share.Import != i.ID {
			continue
		}
		switch share.State {
		case importer.Pending:
			b.Pending += share.Pairs
		case importer.Sending:
			b.Sending += share.Pairs
		case importer.Created:
			b.Created += share.Pairs
		case importer.Existing:
			b.Existing += share.Pairs
		case importer.Failed:
			b.Failed += share.Pairs
		case importer.Undone:
			b.Undone += share.Pairs
		}
	}
	return b
}
