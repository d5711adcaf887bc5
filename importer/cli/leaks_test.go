package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// leaks looks for every secret in everything that was written: what was said,
// every file but the one of the grants, and every column of the ledger.
func (b *bureau) leaks() {
	b.t.Helper()
	written := map[string][]byte{}
	err := filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "credentials.json" {
			return err
		}
		written[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, b.database)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, _ := conn.Query(ctx, "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 4 {
		b.t.Fatalf("got tables %v, %v", tables, err)
	}
	for _, table := range tables {
		rows, _ := conn.Query(ctx, "SELECT t::text FROM "+table+" t")
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			b.t.Fatal(err)
		}
		written[table] = []byte(strings.Join(lines, "\n"))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for where, text := range written {
		for _, secret := range slices.Compact(slices.Sorted(slices.Values(b.secrets))) {
			if bytes.Contains(text, []byte(secret)) {
				b.t.Errorf("%s holds the secret %s", where, secret)
			}
		}
	}
	if len(written[filepath.Join(b.dir, "said.txt")]) == 0 {
		b.t.Error("nothing was said: the test sees too little")
	}
}
