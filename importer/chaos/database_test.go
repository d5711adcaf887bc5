//go:build unix

package chaos

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// hurt runs one import and does something to its database now and then, in the
// middle of calls. The run itself has to carry on to its end, and since it lives
// it knows every answer: nothing is sent twice.
func (w *world) hurt(scenario string, times, rows int, what func()) {
	w.t.Helper()
	const workers = 8
	random := random(w.t)
	file := w.file("links.csv", numbered(0, rows, 1))
	p := w.startImport(workers, "--outage-limit", "60s", file)
	step := rows / (times + 1)
	for i := range times {
		w.service.await(p, i*step+1+random.IntN(step))
		if !p.running() {
			break
		}
		what()
		w.kills++
	}
	p.wait(0)
	if w.kills < times {
		w.t.Errorf("the run ended after %d of %d blows", w.kills, times)
	}
	w.verify(end{scenario: scenario})
}

// lanes are the backends that hold a location's lock.
const laneBackends = `
	FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'relink'
	AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')`

func TestLaneTerminated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=5ms-15ms")
	w.hurt("pg_terminate_backend of lanes", count(4, 40), count(1000, 8000), func() {
		query[bool](t, w.dsn, `SELECT pg_terminate_backend(pid)`+laneBackends)
	})
}

func TestEveryBackendTerminated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=5ms-15ms")
	w.hurt("pg_terminate_backend of all", count(2, 40), count(600, 8000), func() {
		query[bool](t, w.dsn, `
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'relink'`)
	})
}

func TestStatementsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=5ms-15ms")
	w.hurt("pg_cancel_backend", count(3, 20), count(800, 5000), func() {
		// A lock holds the lane's next statement up, so that there is one to cancel.
		ctx := t.Context()
		conn, err := pgx.Connect(ctx, w.dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, `BEGIN; LOCK TABLE relink.relation IN SHARE MODE`); err != nil {
			t.Fatal(err)
		}
		for range 500 {
			if len(query[bool](t, w.dsn, `SELECT pg_cancel_backend(pid)`+laneBackends+` AND wait_event_type = 'Lock'`)) > 0 {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Error("no statement of a lane was met")
	})
}

// TestHostileDefaults: whatever the role and the database have as defaults, a
// run sets what it needs for itself.
func TestHostileDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := w.dsn[strings.LastIndex(w.dsn, "=")+1:]
	for _, setting := range []string{
		"statement_timeout = '1ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1ms'",
		"default_transaction_read_only = on", "default_transaction_isolation = 'serializable'",
		"search_path = 'pg_catalog'", "timezone = 'Asia/Kathmandu'", "standard_conforming_strings = off",
	} {
		exec1(t, database, "ALTER DATABASE "+name+" SET "+setting)
	}
	file := w.file("links.csv", numbered(0, 3000, 1))
	w.startImport(8, file).wait(0)
	exec1(t, database, "ALTER DATABASE "+name+" RESET ALL")
	w.verify(end{scenario: "statement_timeout and the like"})
}

func TestServerRestarted(t *testing.T) {
	t.Parallel()
	for _, how := range []struct {
		name   string
		signal syscall.Signal
	}{{"fast", syscall.SIGINT}, {"immediate", syscall.SIGQUIT}} {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, "")
			w := emptyWorld(t)
			w.dsn = newDatabase(t, c.dsn())
			w.service = w.serve("--faults", "latency=5ms-15ms")
			w.hurt("server stopped "+how.name+" and started", count(2, 15), count(600, 4000), func() {
				c.halt(how.signal)
				time.Sleep(300 * time.Millisecond)
				if err := c.start(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestConnectionsCut(t *testing.T) {
	t.Parallel()
	c, err := overTCP()
	if err != nil {
		t.Fatal(err)
	}
	between := newProxy(t, c)
	w := emptyWorld(t)
	direct := newDatabase(t, c.dsn())
	w.dsn = between.dsn(direct[strings.LastIndex(direct, "=")+1:])
	w.service = w.serve("--faults", "latency=5ms-15ms")
	w.hurt("connections cut while calls are in flight", count(4, 40), count(1000, 8000), func() {
		for range 500 {
			if w.service.stats().inFlight() > 0 {
				break
			}
		}
		between.cut()
	})
}

// TestDatabaseAwayTooLong: a database that does not come back ends the run
// resumable.
func TestDatabaseAwayTooLong(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "")
	w := emptyWorld(t)
	w.dsn = newDatabase(t, c.dsn())
	w.service = w.serve("--faults", "latency=5ms-15ms")
	file := w.file("links.csv", numbered(0, 600, 1))
	p := w.startImport(4, "--outage-limit", "2s", file)
	w.service.await(p, 60)
	c.halt(syscall.SIGQUIT)
	if s := p.wait(4); s.Stopped != "database" {
		t.Errorf("the summary: %+v", s)
	}
	if sent := w.service.stats().Requests; sent > 200 {
		t.Errorf("it sent on without a ledger: %d requests", sent)
	}
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	w.kills = 1
	w.doubted(w.service.idle().Relations-w.settled(), 4)
	w.verify(end{scenario: "database away over the limit, stopped", stopped: true})
	w.began = time.Now()
	w.startImport(4, file).wait(0)
	w.verify(end{scenario: "database away over the limit, carried on"})
}

// TestDiskFull: the ledger's own disk is full in the middle. The run ends with
// 1, and when there is room again the next one carries on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can mount a small disk to fill")
	}
	disk := filepath.Join(base, "disk")
	if err := os.Mkdir(disk, 0o711); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=160m,mode=0711", "relink-chaos", disk).CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("mounting a small disk: %v: %s", err, out)
		}
		t.Skipf("SKIPPED: no small disk to fill: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", disk).CombinedOutput(); err != nil {
			t.Errorf("unmounting: %v: %s", err, out)
		}
	})
	c := newCluster(t, disk)
	w := emptyWorld(t)
	w.dsn = newDatabase(t, c.dsn())
	w.service = w.serve("--faults", "latency=1ms-3ms")
	file := w.file("links.csv", numbered(0, 6000, 1))
	p := w.startImport(8, "--outage-limit", "5s", file)
	w.service.await(p, 300)
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	p.wait(1)
	if !strings.Contains(p.stderr()+p.stdout(), "No space left on device") {
		t.Errorf("it does not say why:\n%s", tail(p.stderr()))
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.kills = 1
	w.doubted(w.service.idle().Relations-w.settled(), 8)
	w.verify(end{scenario: "the ledger's disk full, stopped", stopped: true})
	w.began = time.Now()
	w.startImport(8, file).wait(0)
	w.verify(end{scenario: "the ledger's disk full, carried on"})
}

// fill writes until nothing goes in any more.
func fill(t testing.TB, name string) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 20; size >= 1<<12; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}
