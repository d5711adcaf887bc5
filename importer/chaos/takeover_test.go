//go:build unix

package chaos

import (
	"testing"
	"time"
)

// TestTakeover: after kill -9 the next run has the location at once.
func TestTakeover(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, server string) {
		random := random(t)
		w := emptyWorld(t)
		w.dsn = newDatabase(t, server)
		w.service = w.serve("--faults", "latency=1ms-8ms")
		const workers = 8
		file := w.file("links.csv", numbered(0, count(2500, 10_000), 1))
		var worst time.Duration
		p := w.startImport(workers, file)
		for range count(6, 40) {
			before := w.service.stats().Requests
			w.service.await(p, before+10+random.IntN(150))
			p.kill()
			began := time.Now()
			w.kills++
			w.allowed += doubtful * workers // the next one starts before they can be counted
			before = w.service.stats().Requests
			p = w.startImport(workers, file)
			w.service.await(p, before+1)
			worst = max(worst, time.Since(began))
		}
		p.wait(0)
		t.Logf("from the kill to the next run's first request: at most %v", worst.Round(time.Millisecond))
		if worst > 5*time.Second {
			t.Errorf("a takeover took %v", worst)
		}
		w.verify(end{scenario: "kill -9, next run at once"})
	})
}
