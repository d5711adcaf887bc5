package cli_test

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestSignalWhileLoading stops an import while the database merges its file: it
// can go on, and says so by its exit code.
func TestSignalWhileLoading(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t, "--rate", "0")
	if e := r.run("import", r.rows(1), "--rate", "0"); e.Exit != 0 {
		t.Fatalf("the ledger was not made: %+v", e)
	}
	dsn := ""
	for _, e := range r.env {
		if v, ok := strings.CutPrefix(e, "RELINK_DATABASE_URL="); ok {
			dsn = v
		}
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `BEGIN; LOCK TABLE relink.relation IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	cmd := r.start("import", r.rows(100), "--rate", "0")
	for deadline := time.Now().Add(time.Minute); r.value(`SELECT count(*) FROM pg_locks WHERE NOT granted`) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the import does not wait for the table")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 4 {
		t.Errorf("exit code %d, want 4", got)
	}
	if _, err := conn.Exec(ctx, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if e := r.run("import", r.rows(100), "--rate", "0"); e.Exit != 0 || e.Files[0].Rows != 100 {
		t.Errorf("run again: %+v, want exit 0 and 100 rows", e)
	}
}
