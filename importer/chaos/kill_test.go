//go:build unix

package chaos

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// servers are the two ways to a ledger: the socket of a private server, and a
// server over TCP.
func servers(t *testing.T, f func(t *testing.T, server string)) {
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		f(t, database)
	})
	t.Run("tcp", func(t *testing.T) {
		t.Parallel()
		c, err := overTCP()
		if err != nil {
			t.Fatal(err)
		}
		f(t, c.dsn())
	})
}

// TestKilledFiveTimes kills one import five times in the middle of its calls.
func TestKilledFiveTimes(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, server string) {
		random := random(t)
		w := emptyWorld(t)
		w.dsn = newDatabase(t, server)
		w.service = w.serve("--faults", "latency=2ms-12ms")
		file := w.file("links.csv", numbered(0, 2000, 1))
		const workers = 8
		for range 5 {
			before := w.service.stats().Requests
			p := w.startImport(workers, file)
			w.service.await(p, before+20+random.IntN(330))
			doubt := w.crash(p, workers)
			t.Logf("killed after %v with %d pairs settled and %d in doubt", time.Since(p.began).Round(time.Millisecond), w.settled(), doubt)
		}
		w.startImport(workers, file).wait(0)
		w.verify(end{scenario: "kill -9 in the middle of calls"})
	})
}

// TestTerminated stops an import softly: nothing is in doubt after it.
func TestTerminated(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, server string) {
		w := emptyWorld(t)
		w.dsn = newDatabase(t, server)
		w.service = w.serve("--faults", "latency=20ms-60ms")
		file := w.file("links.csv", numbered(0, 600, 1))
		p := w.startImport(8, file)
		w.service.await(p, 60+random(t).IntN(200))
		began := time.Now()
		p.signal(syscall.SIGTERM)
		s := p.wait(4)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v to stop, with calls of 60 ms", took)
		}
		if s.Stopped != "signal" || len(s.Files) != 1 || s.Files[0].Sending != 0 || s.Files[0].Pending == 0 {
			t.Errorf("the summary: %+v", s)
		}
		if len(w.claimed()) > 0 {
			t.Errorf("%d pairs are sending after a soft stop", len(w.claimed()))
		}
		w.verify(end{scenario: "SIGTERM, stopped", stopped: true})
		w.began = time.Now()
		w.startImport(8, file).wait(0)
		w.verify(end{scenario: "SIGTERM, carried on"})
	})
}

// TestKilledAnywhere kills runs at random instants of their whole life: while
// they start, load, claim, send and settle. The files overlap, and each is
// finished before the next one comes.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	var phases [4]int
	for round := range count(3, 45) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			random := random(t)
			w := newWorld(t, "--faults", "latency=1ms-8ms")
			const workers, kills = 6, 5
			file := w.file("links.csv", numbered(0, 1000, 1))
			more := w.file("more.csv", numbered(700, 1100, 1))
			for range kills {
				p := w.startImport(workers, file, more)
				time.Sleep(time.Duration(random.Int64N(int64(450 * time.Millisecond))))
				doubt := w.crash(p, workers)
				phases[w.phase(doubt)]++
			}
			w.startImport(workers, file, more).wait(0)
			w.verify(end{scenario: "kill -9 at any instant"})
		})
	}
	t.Logf("killed before the file was loaded: %d; with nothing claimed: %d; between claim and POST: %d; between POST and settle: %d",
		phases[0], phases[1], phases[2], phases[3])
	for i, n := range phases {
		if n == 0 && long && i != 1 {
			t.Errorf("no kill met phase %d", i)
		}
	}
}

// phase is what a kill hit.
func (w *world) phase(doubt int) int {
	switch {
	case query[bool](w.t, w.dsn, `SELECT to_regclass('relink.claim') IS NULL`)[0] ||
		query[int](w.t, w.dsn, `SELECT count(*)::int FROM relink.import`)[0] == 0:
		return 0
	case doubt > 0:
		return 3
	case len(w.claimed()) > 0:
		return 2
	}
	return 1
}

// TestKilledWhileLoading kills runs in the middle of a load: the file is in the
// ledger whole, or not at all.
func TestKilledWhileLoading(t *testing.T) {
	t.Parallel()
	random := random(t)
	w := newWorld(t)
	var lines []pair
	for range 250 { // many lines, few calls
		lines = append(lines, numbered(0, 200, 1)...)
	}
	file := w.file("long.csv", lines)
	for range count(4, 30) {
		p := w.startImport(4, file)
		time.Sleep(20*time.Millisecond + time.Duration(random.Int64N(int64(250*time.Millisecond))))
		w.crash(p, 4)
		if query[bool](t, w.dsn, `SELECT to_regclass('relink.row') IS NULL`)[0] {
			continue
		}
		rows := query[int](t, w.dsn, `SELECT count(*)::int FROM relink.row`)[0]
		if imports := query[int](t, w.dsn, `SELECT count(*)::int FROM relink.import`)[0]; rows != imports*len(lines) {
			t.Errorf("%d imports with %d rows after a kill", imports, rows)
		}
		if rows > 0 { // loaded: on to the next, with one line more
			lines = append(lines, lines[len(lines)-1])
			file = w.file("long.csv", lines)
			exec1(t, w.dsn, `TRUNCATE relink.row, relink.import`)
		}
	}
	w.startImport(4, file).wait(0)
	w.verify(end{scenario: "kill -9 while loading"})
}
