package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"relink/checkpoint"
	"relink/importer"
)

func claim(t testing.TB, l *checkpoint.Lane, n int) []importer.Item {
	t.Helper()
	items, err := l.Claim(context.Background(), n)
	if err != nil {
		t.Fatalf("claiming: %v", err)
	}
	return items
}

func settle(t testing.TB, l *checkpoint.Lane, outcomes ...importer.Outcome) {
	t.Helper()
	if err := l.Settle(context.Background(), outcomes); err != nil {
		t.Fatalf("settling: %v", err)
	}
}

func outcome(item importer.Item, state importer.State) importer.Outcome {
	o := importer.Outcome{ID: item.ID, State: state, Status: 201, Attempts: 1, At: time.Now()}
	if state == importer.Failed {
		o.Cause, o.Message, o.Status = importer.CauseBadRequest, "Bad Request", 400
	}
	return o
}

func settleAll(t testing.TB, l *checkpoint.Lane, state importer.State) {
	t.Helper()
	for {
		items := claim(t, l, 100)
		if len(items) == 0 {
			break
		}
		outcomes := make([]importer.Outcome, len(items))
		for i, item := range items {
			outcomes[i] = outcome(item, state)
		}
		settle(t, l, outcomes...)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestFileOrder: rows are claimed in the order of the file, also behind an After.
func TestFileOrder(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	var lines []importer.Line
	for i := range 50 {
		lines = append(lines, pair(fmt.Sprintf("%02d", i), "x"))
	}
	l := lane(t, s, load(t, s, lines...))
	next := 0
	for {
		items := claim(t, l, 7)
		if len(items) == 0 {
			break
		}
		for _, item := range items {
			if want := fmt.Sprintf("%02d", next); item.Relation.First != want || item.Line != int64(next+2) {
				t.Fatalf("claimed %s of line %d, want %s of line %d", item.Relation.First, item.Line, want, next+2)
			}
			next++
		}
	}
	if next != 50 {
		t.Errorf("claimed %d rows, want 50", next)
	}
}

// TestTerminatedBackend: a lane whose connection was cut can write nothing.
func TestTerminatedBackend(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	imported := load(t, s, pair("a", "1"), pair("b", "1"), pair("c", "1"))
	l := lane(t, s, imported)
	items := claim(t, l, 2)
	exec(t, dsn, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`)
	ctx := context.Background()
	if err := l.Settle(ctx, []importer.Outcome{outcome(items[0], importer.Created)}); !errors.Is(err, importer.ErrLost) {
		t.Fatalf("settling: %v, want ErrLost", err)
	}
	for name, err := range map[string]error{
		"Check": l.Check(ctx), "Release": l.Release(ctx, items), "Keep": l.Keep(ctx, items),
		"Settle": l.Settle(ctx, []importer.Outcome{outcome(items[1], importer.Created)}),
	} {
		if !errors.Is(err, importer.ErrLost) {
			t.Errorf("%s: %v, want ErrLost", name, err)
		}
	}
	// The server ends a backend in its own time, and frees its lock then.
	err := l.Open(ctx)
	for deadline := time.Now().Add(10 * time.Second); errors.Is(err, importer.ErrBusy) && time.Now().Before(deadline); {
		err = l.Open(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	settle(t, l, outcome(items[0], importer.Created))
	if err := l.Release(ctx, items[1:]); err != nil {
		t.Fatal(err)
	}
	if got := books(t, s, imported); got.Created != 1 || got.Pending != 2 {
		t.Errorf("books = %+v, want 1 created and 2 pending", got)
	}
}

// TestCancelledStatement: pg_cancel_backend and timeouts of the role are no end.
func TestStatementTimeoutOfTheRole(t *testing.T) {
	dsn := newDatabase(t)
	exec(t, dsn, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 1', current_database()); END $$`)
	s := open(t, dsn, "https://a")
	settleAll(t, lane(t, s, load(t, s, pair("a", "1"))), importer.Created)
}

func TestSharedSessions(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	var lines []importer.Line
	for i := range 40 {
		line := pair("a", "1")
		line.Relation.Location = fmt.Sprintf("loc%02d", i)
		lines = append(lines, line)
	}
	imported := load(t, s, lines...)
	ctx := context.Background()
	run, err := s.Start(ctx, "test", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	shares, err := s.Shares(ctx, []int64{imported.ID})
	if err != nil {
		t.Fatal(err)
	}
	var lanes []*checkpoint.Lane
	for _, share := range shares {
		l := s.Lane(share.Lane, share.Location, checkpoint.Scope{Operation: checkpoint.Create, Run: run.ID, Parts: []checkpoint.Part{{Import: imported.ID}}})
		if err := l.Open(ctx); err != nil {
			t.Fatal(err)
		}
		lanes = append(lanes, l)
	}
	connections := query[int](t, dsn, `SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory'`)
	if locks := query[int](t, dsn, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`); locks != 40 || connections > 16 {
		t.Errorf("%d locks over %d connections, want 40 over at most 16", locks, connections)
	}
	for _, l := range lanes {
		settleAll(t, l, importer.Created)
	}
	if got := books(t, s, imported); got.Created != 40 {
		t.Errorf("books = %+v", got)
	}
}
