//go:build unix

package chaos

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestZombie suspends a run, cuts its connections and lets another one take the
// location over. When the first one wakes it must write nothing and send no
// more than was in flight when it was suspended.
func TestZombie(t *testing.T) {
	t.Parallel()
	t.Run("wakes when the other is done", func(t *testing.T) {
		t.Parallel()
		w, zombie, file := suspended(t, 600)
		w.startImport(8, file).wait(0)
		before, sent := w.outcomes(), w.service.idle().Requests
		zombie.signal(syscall.SIGCONT)
		zombie.wait(0) // it finds that every row is in place
		w.unmoved(before)
		if more := w.service.stats().Requests - sent; more > 0 {
			t.Errorf("the one that woke sent %d requests", more)
		}
		w.verify(end{scenario: "SIGSTOP, taken over, SIGCONT after"})
	})
	t.Run("wakes while the other sends", func(t *testing.T) {
		t.Parallel()
		if !long {
			t.Skip("a long form: RELINK_CHAOS=1") // it waits 30 s for the lock
		}
		w, zombie, file := suspended(t, 20_000)
		p := w.startImport(4, "--rate", "200/1s", file)
		w.service.await(p, w.service.stats().Requests+100)
		other := query[int](t, w.dsn, `SELECT max(id) FROM relink.run`)[0]
		zombie.signal(syscall.SIGCONT)
		if s := zombie.wait(6); s.Stopped != "busy" {
			t.Errorf("stopped: %q", s.Stopped)
		}
		if mine := query[int](t, w.dsn, `
			SELECT count(*)::int FROM relink.relation
			WHERE run < $1 AND settled_at > (SELECT started_at FROM relink.run WHERE id = $1)`, other)[0]; mine > 0 {
			t.Errorf("the one that woke wrote %d outcomes", mine)
		}
		p.signal(syscall.SIGTERM)
		p.wait(4)
		w.verify(end{scenario: "SIGSTOP, taken over, SIGCONT meanwhile", stopped: true})
	})
}

// suspended is a world with a run that was stopped in the middle of its calls
// and has lost its connections since.
func suspended(t *testing.T, rows int) (*world, *process, string) {
	t.Helper()
	const workers = 8
	w := newWorld(t, "--faults", "latency=20ms-40ms")
	file := w.file("links.csv", numbered(0, rows, 1))
	p := w.startImport(workers, file)
	w.service.await(p, 150)
	p.signal(syscall.SIGSTOP)
	query[bool](t, w.dsn, `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'relink'`)
	w.quiet()
	// Longer than the two seconds after which a lane asks before it sends.
	time.Sleep(2500 * time.Millisecond)
	w.kills = 1
	w.doubted(w.service.idle().Relations-w.settled(), workers)
	return w, p, file
}

// outcomes are all that is written of the relations.
func (w *world) outcomes() []string {
	w.t.Helper()
	return query[string](w.t, w.dsn, `SELECT r::text FROM relink.relation r ORDER BY r.id`)
}

func (w *world) unmoved(before []string) {
	w.t.Helper()
	if now := w.outcomes(); !slices.Equal(now, before) {
		for i := range now {
			if now[i] != before[i] {
				w.t.Fatalf("the one that woke wrote: %s, which was %s", now[i], before[i])
			}
		}
	}
}
