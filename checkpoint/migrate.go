package checkpoint

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint/migrations"
)

// migrate brings the schema up to date: each step in one transaction with the
// note that it was made, all of them under one advisory lock, so that any
// number of processes may start at once. A schema newer than this program is
// refused.
func migrate(ctx context.Context, conn *pgx.Conn) error {
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return fmt.Errorf("listing migrations: %w", err)
	}
	var version int
	err = conn.QueryRow(ctx, `SELECT CASE WHEN to_regclass('relink.migration') IS NULL THEN -1 ELSE 0 END`).Scan(&version)
	if err != nil {
		return fmt.Errorf("looking for the ledger: %w", err)
	}
	if version == 0 {
		if err := conn.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM relink.migration`).Scan(&version); err != nil {
			return fmt.Errorf("reading the ledger's version: %w", err)
		}
	}
	if version > len(names) {
		return fmt.Errorf("the ledger is of version %d and this relink knows versions up to %d: use a newer relink", version, len(names))
	}
	for version < len(names) {
		if version, err = step(ctx, conn, names); err != nil {
			return err
		}
	}
	return nil
}

// step makes the next step that is not yet made and returns the version after it.
func step(ctx context.Context, conn *pgx.Conn, names []string) (version int, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, 0)`, lockMigrate); err != nil {
			return fmt.Errorf("waiting for another migration: %w", err)
		}
		_, err := tx.Exec(ctx, `
			CREATE SCHEMA IF NOT EXISTS relink;
			CREATE TABLE IF NOT EXISTS relink.migration (
			    version integer PRIMARY KEY,
			    name    text NOT NULL,
			    made_at timestamptz NOT NULL DEFAULT now()
			)`)
		if err != nil {
			return fmt.Errorf("making room for the ledger: %w", err)
		}
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM relink.migration`).Scan(&version); err != nil {
			return fmt.Errorf("reading the ledger's version: %w", err)
		}
		if version >= len(names) {
			return nil
		}
		name := names[version]
		if number, err := strconv.Atoi(name[:4]); err != nil || number != version+1 {
			return fmt.Errorf("migration %s is not number %d", name, version+1)
		}
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading migration %s: %w", name, err)
		}
		if _, err := tx.Exec(ctx, string(text)); err != nil {
			return fmt.Errorf("migrating the ledger (%s): %w", name, err)
		}
		version++
		_, err = tx.Exec(ctx, `INSERT INTO relink.migration (version, name) VALUES ($1, $2)`, version, name)
		return err
	})
	return version, err
}
