package checkpoint_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/ledgertest"
)

// TestConformance runs the suite that every importer.Ledger has to pass.
func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Store {
		dsn := newDatabase(t)
		return &suiteStore{t: t, dsn: dsn, store: open(t, dsn, "https://a")}
	})
}

// A suiteStore is a store as the suite sees it. Each lane has a store of its
// own, as each run is a process of its own.
type suiteStore struct {
	t       *testing.T
	dsn     string
	store   *checkpoint.Store
	imports []*checkpoint.Import
}

func (s *suiteStore) Load(relations ...importer.Relation) {
	lines := make([]importer.Line, len(relations))
	for i, r := range relations {
		lines[i] = importer.Line{Relation: r}
	}
	s.imports = append(s.imports, load(s.t, s.store, lines...))
}

func (s *suiteStore) Lane(location string) importer.Ledger {
	ctx := context.Background()
	store := open(s.t, s.dsn, "https://a")
	run, err := store.Start(ctx, "suite", nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	scope := checkpoint.Scope{Operation: checkpoint.Create, Run: run.ID}
	for _, imported := range s.imports {
		scope.Parts = append(scope.Parts, checkpoint.Part{Import: imported.ID})
	}
	id := query[int64](s.t, s.dsn, `SELECT id::bigint FROM relink.lane WHERE location = $1`, location)
	return store.Lane(id, location, scope)
}

func (s *suiteStore) Kill(lane importer.Ledger) {
	l := lane.(*checkpoint.Lane)
	pid := query[int](s.t, s.dsn, `
		SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
		  AND objid::bigint = (SELECT id FROM relink.lane WHERE location = $1)
		  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, l.Location())
	exec(s.t, s.dsn, `SELECT pg_terminate_backend($1)`, pid)
	for deadline := time.Now().Add(10 * time.Second); ; {
		left := query[int](s.t, s.dsn, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = $1`, pid)
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("the lock of a terminated connection is still held")
		}
	}
}

func (s *suiteStore) States() map[importer.Relation]importer.State {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
		SELECT l.location, u.association, r.first, r.second,
		       CASE WHEN r.state = 'pending' AND r.id IN (SELECT unnest(relations) FROM relink.claim)
		            THEN 'sending' ELSE r.state END
		FROM relink.relation r JOIN relink.unit u ON u.id = r.unit JOIN relink.lane l ON l.id = u.lane`)
	if err != nil {
		s.t.Fatal(err)
	}
	states := map[importer.Relation]importer.State{}
	var r importer.Relation
	var state importer.State
	if _, err := pgx.ForEachRow(rows, []any{&r.Location, &r.Association, &r.First, &r.Second, &state}, func() error {
		states[r] = state
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return states
}
