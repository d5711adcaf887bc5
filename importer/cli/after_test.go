package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// afterRows is how many rows undo and verify are killed over: 50,000 in the
// long form.
func afterRows() int {
	if os.Getenv("RELINK_CHAOS") != "" {
		return 50_000
	}
	return 3_000
}

// value is one number from a rehearsal's ledger.
func (r *rehearsal) value(sql string) (n int) {
	r.t.Helper()
	ctx := context.Background()
	dsn := ""
	for _, e := range r.env {
		if v, ok := strings.CutPrefix(e, "RELINK_DATABASE_URL="); ok {
			dsn = v
		}
	}
	conn, err := pgx.Connect(ctx, dsn+" search_path=relink")
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// killAt kills a run with kill -9 once the sandbox has seen so many requests.
func (r *rehearsal) killAt(cmd *exec.Cmd, requests int) {
	r.t.Helper()
	r.until(requests)
	if err := cmd.Process.Kill(); err != nil {
		r.t.Fatal(err)
	}
	_ = cmd.Wait()
}

// TestKilledUndo: an undo that is killed over and over deletes everything that
// the run created, once, and knows of each how it ended.
// The lock of a killed process is free when the server has noticed: --wait.
func TestKilledUndo(t *testing.T) {
	n := afterRows()
	r := newRehearsal(t, "--rate", "0", "--faults", "latency=1ms-4ms")
	if e := r.run("import", r.rows(n), "--rate", "0"); e.Exit != 0 {
		t.Fatalf("the import exited with %d", e.Exit)
	}
	for part := 1; part <= 3; part++ {
		r.killAt(r.start("undo", "--run", "1", "--yes", "--rate", "0", "--workers", "16", "--quiet", "--wait", "30s"), r.seen().Requests+n/5)
		if r.seen().Relations == 0 {
			t.Fatal("killed too late: everything is deleted")
		}
	}
	doubt := r.value(`SELECT coalesce(sum(cardinality(relations)), 0) FROM claim WHERE operation = 'delete'`)
	if doubt == 0 {
		t.Log("no delete was in doubt: the kills came at lucky moments")
	}
	e := r.run("undo", "--run", "1", "--yes", "--rate", "0", "--wait", "30s")
	if e.Exit != 0 || e.Files[0].Created != 0 || r.seen().Relations != 0 {
		t.Errorf("the last undo ended with %+v, and %d relations are there", e, r.seen().Relations)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM relation WHERE state = 'undone' AND run = 1`: n,
		`SELECT count(*) FROM claim`:                                       0,
		`SELECT count(*) FROM pick`:                                        0,
		`SELECT count(*) FROM run WHERE command = 'undo'`:                  4,
		`SELECT count(*) FROM errand`:                                      1,
	} {
		if got := r.value(sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
	if extra := r.seen().Requests - 2*n; extra < 0 || extra > 3*6*16 { // kills, rows a worker leaves in doubt, workers
		t.Errorf("%d deletes were sent more than once", extra)
	}
}

// TestKilledVerify: a verify that is killed goes on where it was: it does not
// ask again for what it knows.
func TestKilledVerify(t *testing.T) {
	n := afterRows()
	r := newRehearsal(t, "--rate", "0", "--faults", "latency=1ms-4ms")
	if e := r.run("import", r.rows(n), "--rate", "0"); e.Exit != 0 {
		t.Fatalf("the import exited with %d", e.Exit)
	}
	for part := 1; part <= 2; part++ {
		r.killAt(r.start("verify", "--all", "--rate", "0", "--quiet"), r.seen().Requests+n/4)
	}
	known := r.value(`SELECT count(*) FROM pick WHERE answer = 'present'`)
	if known < n/3 || known == n {
		t.Fatalf("killed twice, %d of %d pairs have an answer", known, n)
	}
	before := r.seen().Requests
	cmd := exec.Command("relink", "verify", "--all", "--rate", "0", "--json", "--quiet")
	cmd.Env, cmd.Dir = r.env, r.dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	var v struct{ Asked, Present, Missing, Unknown, Left int }
	if err := json.Unmarshal(out, &v); err != nil || v.Asked != n || v.Present != n {
		t.Errorf("verify said %s (%v), want all %d present", out, err, n)
	}
	if asked := r.seen().Requests - before; asked != n-known {
		t.Errorf("the last verify asked %d times, want %d", asked, n-known)
	}
}
