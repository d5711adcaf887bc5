//go:build unix

package chaos

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const association = "6512a8f4c3b1d27e90f4ab17"

// token looks like one, and like nothing else.
const token = "pit-5ecre7ff-0dd1-4b0b-9a8e-c0ffee5ecre7"

// A pair is a relation, by its four names.
type pair struct{ location, association, first, second string }

// A world is what one scenario happens in: a folder, a ledger, a service, and
// the rows that were handed in.
type world struct {
	t       testing.TB
	dir     string
	dsn     string // of the ledger; empty: the private one in the state folder
	service *service
	began   time.Time
	good    map[pair]bool // every good row of every file
	allowed int           // repeat sends that kills and lost connections account for
	kills   int
	held    bool // the private Postgres is up because the test reads it

	mu    sync.Mutex
	calls int
}

// newWorld makes one with a database of its own on the shared server and a
// sandbox with these flags.
func newWorld(t testing.TB, sandbox ...string) *world {
	t.Helper()
	w := emptyWorld(t)
	w.dsn = newDatabase(t, database)
	w.service = w.serve(sandbox...)
	return w
}

// emptyWorld is a folder that Postgres's account can reach.
func emptyWorld(t testing.TB) *world {
	t.Helper()
	dir, err := os.MkdirTemp(base, "w")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err == nil {
		// Before the sandbox makes it, for itself alone.
		err = os.Mkdir(filepath.Join(dir, "state"), 0o711)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, dir: dir, began: time.Now(), good: map[pair]bool{}}
}

func (w *world) state() string { return filepath.Join(w.dir, "state") }

// environ is all that relink gets to see: nothing of the machine it runs on.
func (w *world) environ() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TZ=UTC", "RELINK_STATE_DIR=" + w.state(),
		"RELINK_DATABASE_URL=" + w.dsn, "RELINK_TOKEN=" + token,
	}
	if w.service != nil {
		env = append(env, "RELINK_API_URL="+w.service.address)
	}
	return env
}

// numbered are the pairs from..to-1, spread over so many locations.
func numbered(from, to, locations int) []pair {
	pairs := make([]pair, 0, to-from)
	for i := from; i < to; i++ {
		pairs = append(pairs, pair{
			fmt.Sprintf("loc%017d", i%locations), association, fmt.Sprintf("first%015d", i), fmt.Sprintf("%024x", i),
		})
	}
	return pairs
}

// file writes a CSV of good rows.
func (w *world) file(name string, pairs []pair) string {
	w.t.Helper()
	name = filepath.Join(w.dir, name)
	file, err := os.Create(name)
	if err != nil {
		w.t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "locationId,associationId,firstRecordId,secondRecordId")
	for _, p := range pairs {
		fmt.Fprintf(out, "%s,%s,%s,%s\n", p.location, p.association, p.first, p.second)
		w.good[p] = true
	}
	if err := out.Flush(); err != nil {
		w.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		w.t.Fatal(err)
	}
	return name
}

var databases atomic.Int64

// newDatabase makes an empty database on a server.
func newDatabase(t testing.TB, server string) string {
	t.Helper()
	name := fmt.Sprintf("chaos_%d", databases.Add(1))
	exec1(t, server, "CREATE DATABASE "+name)
	return server + " dbname=" + name
}

// exec1 runs one statement.
func exec1(t testing.TB, dsn, sql string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// query returns the one column of a statement.
func query[T any](t testing.TB, dsn, sql string, args ...any) []T {
	t.Helper()
	return collect(t, dsn, pgx.RowTo[T], sql, args...)
}

// queryStructs returns the rows of a statement.
func queryStructs[T any](t testing.TB, dsn, sql string, args ...any) []T {
	t.Helper()
	return collect(t, dsn, pgx.RowToStructByPos[T], sql, args...)
}

func collect[T any](t testing.TB, dsn string, as pgx.RowToFunc[T], sql string, args ...any) []T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	all, err := pgx.CollectRows(rows, as)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

// crash kills a run, waits for what it had under way at the service and at the
// database, and counts the pairs that the service has and the ledger does not
// know of: each of them may be sent once more.
func (w *world) crash(p *process, workers int) (doubt int) {
	w.t.Helper()
	p.kill()
	w.kills++
	seen := w.service.idle()
	w.quiet()
	doubt = seen.Relations - w.settled()
	w.doubted(doubt, workers)
	return doubt
}

// doubtful is how many pairs a worker may leave in doubt when its process is
// killed: one in its hands, two that wait for a settlement, and three in the
// settlement that is being written.
const doubtful = 6

// doubted adds pairs that may be sent once more. Each of them stands in a claim,
// and the workers bound them.
func (w *world) doubted(doubt, workers int) {
	w.t.Helper()
	if doubt < 0 {
		w.t.Errorf("the ledger has %d outcomes more than the service has relations", -doubt)
	}
	if doubt > 0 && doubt > len(w.claimed()) {
		w.t.Errorf("%d pairs that the service has are in doubt, and %d stand in a claim", doubt, len(w.claimed()))
	}
	if doubt > doubtful*workers {
		w.t.Errorf("%d pairs are in doubt, with %d workers", doubt, workers)
	}
	w.allowed += doubt
}

// settled is how many pairs the ledger knows to be there.
func (w *world) settled() int {
	w.t.Helper()
	if query[bool](w.t, w.dsn, `SELECT to_regclass('relink.relation') IS NULL`)[0] {
		return 0
	}
	return query[int](w.t, w.dsn, `SELECT count(*)::int FROM relink.relation WHERE state IN ('created', 'existing')`)[0]
}

// quiet waits until no connection of relink's is left in the ledger's database.
func (w *world) quiet() {
	w.t.Helper()
	var left []string
	for began := time.Now(); time.Since(began) < 15*time.Second; time.Sleep(5 * time.Millisecond) {
		left = query[string](w.t, w.dsn, `
			SELECT concat_ws(' ', pid, state, query) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'relink'`)
		if len(left) == 0 {
			return
		}
	}
	w.t.Errorf("connections are left: %q", left)
}
