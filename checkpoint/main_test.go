package checkpoint_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint"
	"relink/checkpoint/local"
	"relink/importer"
)

// server is the Postgres that this package's tests run on: a private one, or
// the one that RELINK_TEST_DATABASE_URL names (it must allow CREATE DATABASE).
var server string

func TestMain(m *testing.M) { os.Exit(withServer(m)) }

func withServer(m *testing.M) int {
	if server = os.Getenv("RELINK_TEST_DATABASE_URL"); server != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "relink-checkpoint-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder for the test server:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	private, err := local.Start(context.Background(), filepath.Join(dir, "state"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the test server:", err)
		return 1
	}
	defer private.Close()
	server = private.DSN()
	return m.Run()
}

var databases atomic.Int64

// newDatabase makes an empty database and returns its connection string.
func newDatabase(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connecting to the test server: %v", err)
	}
	defer admin.Close(ctx)
	name := fmt.Sprintf("relink_test_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("making a database: %v", err)
	}
	t.Cleanup(func() {
		admin, err := pgx.Connect(ctx, server)
		if err != nil {
			t.Errorf("connecting to the test server: %v", err)
			return
		}
		defer admin.Close(ctx)
		if _, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping %s: %v", name, err)
		}
	})
	if strings.Contains(server, "://") {
		config, err := pgx.ParseConfig(server)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Replace(server, "/"+config.Database, "/"+name, 1)
	}
	return server + " dbname=" + name
}

func open(t testing.TB, dsn, target string) *checkpoint.Store {
	t.Helper()
	s, err := checkpoint.Open(context.Background(), dsn, target)
	if err != nil {
		t.Fatalf("opening the ledger: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// exec runs a statement on the ledger behind the store's back.
func exec(t testing.TB, dsn, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// query returns one value.
func query[T any](t testing.TB, dsn, sql string, args ...any) T {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var v T
	if err := conn.QueryRow(ctx, sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

var contents atomic.Int64

// load loads lines as a file of its own content; their numbers are given here.
func load(t testing.TB, s *checkpoint.Store, lines ...importer.Line) *checkpoint.Import {
	t.Helper()
	imported, err := loadAs(s, fmt.Sprintf("%064x", contents.Add(1)), lines...)
	if err != nil {
		t.Fatalf("loading: %v", err)
	}
	return imported
}

func loadAs(s *checkpoint.Store, sha256 string, lines ...importer.Line) (*checkpoint.Import, error) {
	next := 0
	file := checkpoint.File{Name: "links.csv", Reading: "plain", Header: []string{"first", "second"}, Delimiter: ','}
	return s.Load(context.Background(), file, func(l *importer.Line) error {
		if next == len(lines) {
			return io.EOF
		}
		*l = lines[next]
		next++
		l.Number = next + 1
		return nil
	}, func() (string, int64, error) { return sha256, int64(len(lines)), nil })
}

func pair(first, second string) importer.Line {
	return importer.Line{Relation: importer.Relation{Location: "loc", Association: "assoc", First: first, Second: second}}
}

func rejected(cause importer.Cause) importer.Line {
	return importer.Line{Rejected: &importer.Rejection{Cause: cause, Column: "first", Message: "is bad"}, Raw: []byte("raw\x00text")}
}

func books(t testing.TB, s *checkpoint.Store, imported *checkpoint.Import) importer.Books {
	t.Helper()
	shares, err := s.Shares(context.Background(), []int64{imported.ID})
	if err != nil {
		t.Fatal(err)
	}
	b := imported.Books(shares)
	if !b.Balanced() {
		t.Errorf("the books do not balance: %+v", b)
	}
	return b
}

// lane opens a lane over imports, as a run of its own.
func lane(t testing.TB, s *checkpoint.Store, imports ...*checkpoint.Import) *checkpoint.Lane {
	t.Helper()
	ctx := context.Background()
	run, err := s.Start(ctx, "test", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int64, len(imports))
	scope := checkpoint.Scope{Operation: checkpoint.Create, Run: run.ID}
	for i, imported := range imports {
		ids[i] = imported.ID
		scope.Parts = append(scope.Parts, checkpoint.Part{Import: imported.ID})
	}
	shares, err := s.Shares(ctx, ids)
	if err != nil || len(shares) == 0 {
		t.Fatalf("shares: %v, %v", shares, err)
	}
	l := s.Lane(shares[0].Lane, shares[0].Location, scope)
	if err := l.Open(ctx); err != nil {
		t.Fatalf("opening the lane: %v", err)
	}
	return l
}
