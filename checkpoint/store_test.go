package checkpoint_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint"
)

// TestMigrateAtOnce: any number of processes may start on an empty database.
func TestMigrateAtOnce(t *testing.T) {
	dsn := newDatabase(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := checkpoint.Open(context.Background(), dsn, "https://a")
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}

func TestNewerLedgerIsRefused(t *testing.T) {
	dsn := newDatabase(t)
	open(t, dsn, "https://a").Close()
	exec(t, dsn, `INSERT INTO relink.migration (version, name) VALUES (9999, 'from the future')`)
	_, err := checkpoint.Open(context.Background(), dsn, "https://a")
	if err == nil || !strings.Contains(err.Error(), "newer relink") {
		t.Errorf("err = %v, want one that asks for a newer relink", err)
	}
}

func TestBadURLKeepsItsPassword(t *testing.T) {
	_, err := checkpoint.Open(context.Background(), "postgres://me:hunter2@host:notaport/db", "https://a")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("err = %v, want one without the password", err)
	}
}

// TestConstraints: the invariants hold against anybody who writes.
func TestConstraints(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	load(t, s, pair("a", "1"), pair("a", "1"))
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		`UPDATE relink.relation SET state = 'done'`,
		`UPDATE relink.relation SET state = 'sending'`,
		`UPDATE relink.relation SET state = 'failed', run = 1, settled_at = now()`,
		`UPDATE relink.relation SET state = 'created'`,
		`UPDATE relink.relation SET cause = 'bad_request'`,
		`UPDATE relink.relation SET uncertain = true`,
		`UPDATE relink.import SET rejected = rejected + 1`,
		`UPDATE relink.import SET rows = rows - 1`,
		`UPDATE relink.row SET relation = NULL`,
		`UPDATE relink.row SET cause = 'empty_id'`,
		`INSERT INTO relink.relation (hash, unit, first, second) SELECT hash, unit, first, second FROM relink.relation`,
	} {
		if _, err := conn.Exec(ctx, sql); err == nil {
			t.Errorf("the ledger took: %s", sql)
		}
	}
}
