package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint"
	"relink/checkpoint/local"
)

// A server is a private Postgres as relink itself would start one.
type server struct {
	dsn  string
	made int
}

func startServer(t *testing.T) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "relink-bench-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	running, err := local.Start(context.Background(), filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = running.Close() })
	return &server{dsn: running.DSN()}
}

// A ledger is a database of its own, with the schema in place.
type ledger struct {
	t     *testing.T
	dsn   string
	empty int64 // bytes
}

func (s *server) ledger(t *testing.T) *ledger {
	t.Helper()
	s.made++
	name := fmt.Sprintf("bench_%d", s.made)
	l := &ledger{t: t, dsn: s.dsn}
	l.exec("CREATE DATABASE " + name)
	l.dsn += " dbname=" + name
	store, err := checkpoint.Open(context.Background(), l.dsn, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	l.empty = ask[int64](l, `SELECT pg_database_size(current_database())`)
	t.Cleanup(func() {
		admin := &ledger{t: t, dsn: s.dsn}
		admin.exec("DROP DATABASE " + name + " WITH (FORCE)")
	})
	return l
}

func (l *ledger) exec(sql string) {
	l.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, l.dsn)
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		l.t.Fatalf("%s: %v", sql, err)
	}
}

// ask returns one value.
func ask[T any](l *ledger, sql string) (value T) {
	l.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, l.dsn+" search_path=relink")
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&value); err != nil {
		l.t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// bytes is what the ledger takes on disk beyond an empty one: tables, indexes,
// maps, everything but the write-ahead log, whose size is a setting.
func (l *ledger) bytes() int64 {
	l.t.Helper()
	return ask[int64](l, `SELECT pg_database_size(current_database())`) - l.empty
}

// drained is how long the last run took, from its record's start to its end.
func (l *ledger) drained() float64 {
	l.t.Helper()
	return ask[float64](l, `SELECT extract(epoch FROM ended_at - started_at)::float8 FROM run ORDER BY id DESC LIMIT 1`)
}

// books fails the test unless every pair was created, once, and no claim is
// left.
func (l *ledger) books(pairs int) {
	l.t.Helper()
	got := ask[int64](l, `SELECT count(*) FILTER (WHERE state = 'created') - count(*) FILTER (WHERE state <> 'created') FROM relation`)
	if claims := ask[int64](l, `SELECT count(*) FROM claim`); got != int64(pairs) || claims != 0 {
		l.t.Fatalf("created less others is %d, want %d; %d claims are left, want 0", got, pairs, claims)
	}
}

func (l *ledger) env(url string) []string {
	return []string{"RELINK_DATABASE_URL=" + l.dsn, "RELINK_API_URL=" + url}
}
