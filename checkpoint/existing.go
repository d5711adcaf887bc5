package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ErrNoLedger says that a database holds no ledger, or nothing that could.
var ErrNoLedger = errors.New("there is no ledger yet")

// OpenExisting is Open for those who only look: where there is no ledger it
// makes none and ends with ErrNoLedger. Without a target the store lists the
// imports and runs of all targets; it is not for loading or sending.
func OpenExisting(ctx context.Context, dsn, target string) (*Store, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", scrub(err))
	}
	configure(config)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('relink.import') IS NOT NULL`).Scan(&there); err != nil {
		return nil, fmt.Errorf("looking for the ledger: %w", err)
	}
	if !there {
		return nil, ErrNoLedger
	}
	return Open(ctx, dsn, target)
}

// Everywhere is the same ledger seen without a target, for listing only. It
// lives as long as s does.
func (s *Store) Everywhere() *Store {
	return &Store{config: s.config, pool: s.pool}
}
