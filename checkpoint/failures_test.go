package checkpoint_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"relink/checkpoint"
	"relink/importer"
)

// soon is far longer than a statement takes that reads its tables once, and far
// shorter than one that reads an import for each of its rows.
const soon = 4 * time.Second

// manyImports loads files of so many pairs each.
func manyImports(t *testing.T, s *checkpoint.Store, files, pairs int) (last *checkpoint.Import) {
	t.Helper()
	for file := range files {
		lines := make([]importer.Line, pairs)
		for i := range lines {
			lines[i] = pair(fmt.Sprintf("first-%d-%d", file, i), "1")
		}
		last = load(t, s, lines...)
	}
	return last
}

// TestFailuresUnforeseen lists failures of which the planner knows nothing: its
// statistics are of before the run.
func TestFailuresUnforeseen(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	imported := manyImports(t, s, 6, 10_000)
	exec(t, dsn, `INSERT INTO relink.run (target, command, host, pid) VALUES ('https://a', 'test', 'host', 1)`)
	exec(t, dsn, `
		UPDATE relink.relation
		SET state = 'failed', cause = 'not_found', message = 'call ' || id, run = 1, settled_at = now()
		WHERE id IN (SELECT relation FROM relink.row WHERE import = $1)`, imported.ID)

	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	rows := 0
	err := s.Failures(ctx, []int64{imported.ID}, "", func(*checkpoint.Failure) error { rows++; return nil })
	if err != nil || rows != 10_000 {
		t.Errorf("listed %d failures (%v), want 10,000 within %s", rows, err, soon)
	}
	ctx, cancel = context.WithTimeout(context.Background(), soon)
	defer cancel()
	// Words that the service never says twice are a group each.
	groups, err := s.FailureGroups(ctx, []int64{imported.ID})
	if err != nil || len(groups) != 10_000 {
		t.Errorf("got %d groups (%v), want 10,000 within %s", len(groups), err, soon)
	}
}

// TestVerifyingImport picks from an import whose lines do not fit into the
// memory that one statement has.
func TestVerifyingImport(t *testing.T) {
	dsn := newDatabase(t)
	exec(t, dsn, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''64kB''', current_database()); END $$`)
	s := open(t, dsn, "https://a")
	imported := manyImports(t, s, 1, 30_000)
	exec(t, dsn, `INSERT INTO relink.run (target, command, host, pid) VALUES ('https://a', 'test', 'host', 1)`)
	exec(t, dsn, `UPDATE relink.relation SET state = 'created', run = 1, settled_at = now()`)

	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	e, err := s.Verifying(ctx, imported.ID, 0)
	if err != nil {
		t.Fatalf("picking from 30,000 pairs, not done within %s: %v", soon, err)
	}
	found, err := e.Found(ctx)
	if err != nil || found[""] != 30_000 {
		t.Errorf("picked %d (%v), want 30,000", found[""], err)
	}
}
