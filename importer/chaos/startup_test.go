//go:build unix

package chaos

import (
	"context"
	"fmt"
	"testing"
	"time"

	"relink/checkpoint/local"
)

// TestKilledWhileStarting kills runs while they make, start or recover the
// private Postgres of a fresh state folder.
func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	for round := range count(1, 8) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			random := random(t)
			w := emptyWorld(t)
			w.service = w.serve("--faults", "latency=1ms-8ms")
			const workers, kills = 4, 5
			file := w.file("links.csv", numbered(0, 300, 1))
			for range kills {
				p := w.startImport(workers, file)
				time.Sleep(time.Duration(random.Int64N(int64(900 * time.Millisecond))))
				w.crashPrivate(p, workers)
			}
			w.startImport(workers, file).wait(0)
			if left := processes(w.state()); left != "" {
				t.Errorf("the private Postgres still runs:\n%s", left)
			}
			w.private(func() { w.verify(end{scenario: "kill -9 while Postgres starts"}) })
		})
	}
}

// crashPrivate is crash for a run with the private Postgres, which is opened
// only where the kill came after it was made.
func (w *world) crashPrivate(p *process, workers int) {
	w.t.Helper()
	p.kill()
	if w.service.idle().Relations == 0 {
		w.kills++
		return // nothing was sent
	}
	w.private(func() { w.crash(p, workers) })
}

// private runs f with the private Postgres up and its ledger to be read.
func (w *world) private(f func()) {
	w.t.Helper()
	server, err := local.Start(context.Background(), w.state())
	if err != nil {
		w.t.Fatal(err)
	}
	w.dsn, w.held = server.DSN(), true
	f()
	w.dsn, w.held = "", false
	if err := server.Close(); err != nil {
		w.t.Error(err)
	}
}
