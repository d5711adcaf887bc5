//go:build darwin || freebsd || linux

package local

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func splitInts(text string) (ns []int) {
	for _, f := range strings.Fields(text) {
		if n, err := strconv.Atoi(f); err == nil {
			ns = append(ns, n)
		}
	}
	return ns
}

func TestLastProcessStopsIt(t *testing.T) {
	dir := usedState(t)
	first, second := startPeer(t, dir), startPeer(t, dir)
	p, err := locate(dir)
	if err != nil {
		t.Fatal(err)
	}
	first.leave(t)
	if gone, err := p.gone(); gone || err != nil {
		t.Fatalf("the second still uses it: gone %v, %v", gone, err)
	}
	second.leave(t)
	if gone, err := p.gone(); !gone || err != nil {
		t.Fatalf("nobody uses it: gone %v, %v", gone, err)
	}
}

func TestKilledUser(t *testing.T) {
	dir := usedState(t)
	first := startPeer(t, dir)
	s := start(t, dir)
	first.kill()
	time.Sleep(200 * time.Millisecond)
	mustQuery(t, s.DSN(), "SELECT ''") // we still use it

	second := startPeer(t, dir)
	stop(t, s)
	second.kill()
	awaitGone(t, s.place) // nobody does

	for range 5 {
		startPeer(t, dir).kill()
		s := start(t, dir) // while the watcher is about to stop it
		time.Sleep(rand.N(20 * time.Millisecond))
		mustQuery(t, s.DSN(), "SELECT ''")
		stop(t, s)
	}
}

// TestKilledDuringStart kills starts at random instants, one that begins from
// nothing and then some that find what the ones before left; after them a start
// has to succeed.
func TestKilledDuringStart(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := newState(t)
	began := time.Now()
	startPeer(t, dir).leave(t)
	whole := time.Since(began)
	for range 4 {
		if err := os.RemoveAll(filepath.Join(dir, "postgres")); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			span := whole
			if _, err := os.Stat(dataOf(dir)); err == nil {
				span /= 4 // no initdb any more
			}
			p := launchPeer(t, dir)
			time.Sleep(time.Duration(random.Int64N(int64(span))))
			p.kill()
		}
		s := start(t, dir)
		mustQuery(t, s.DSN(), "SELECT ''")
		stop(t, s)
	}
}

// TestInitdbOutlivesUs: a start that comes while the initdb of a killed one is
// still at work must not begin a second one in the same folder.
func TestInitdbOutlivesUs(t *testing.T) {
	fake, dir := newState(t), newState(t)
	fakePrograms(t, fake, "15.1")
	begun := filepath.Join(fake, "begun")
	script := "#!/bin/sh\necho >" + begun + "\nexec sleep 1\n"
	if err := os.WriteFile(filepath.Join(fake, "initdb"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(fake, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", fake+":"+os.Getenv("PATH"))
	p := launchPeer(t, dir)
	for range 1000 {
		if _, err := os.Stat(begun); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.kill()
	at, err := locate(dir)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := at.openLock("start.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := flock(lock, syscall.LOCK_EX); !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("locking beside the other's initdb: got %v, want it taken", err)
	}
}

func TestKilledServer(t *testing.T) {
	dir := usedState(t)
	s := start(t, dir)
	keep(t, s)
	if err := s.place.signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// We have not left: the next one brings it up again, for us too.
	next := start(t, dir)
	if got := mustQuery(t, s.DSN(), "SELECT word FROM kept"); got != "kept" {
		t.Errorf("the committed table: got %q", got)
	}
	stop(t, next)
	mustQuery(t, s.DSN(), "SELECT ''")
	stop(t, s)
	if gone, err := s.place.gone(); err != nil || !gone {
		t.Errorf("after the last Close: gone %v, %v", gone, err)
	}
}

func TestKilledWatcher(t *testing.T) {
	dir := usedState(t)
	s := start(t, dir)
	out, err := exec.Command("pgrep", "-f", "relink-watcher "+s.run).Output()
	if err != nil {
		t.Skip("no pgrep: ", err)
	}
	for _, pid := range splitInts(string(out)) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	next := start(t, dir)
	mustQuery(t, next.DSN(), "SELECT ''")
	stop(t, s)
	mustQuery(t, next.DSN(), "SELECT ''")
	stop(t, next)
}

// TestStalePid is a reboot after a power cut: postmaster.pid and the socket's
// lock file name a process that is somebody else by now, of the same account.
func TestStalePid(t *testing.T) {
	dir := usedState(t)
	s := start(t, dir)
	stop(t, s)
	other := s.place.account.command(exec.Command("sleep", "60"))
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		other.Process.Kill()
		other.Wait()
	}()
	text := itoa(other.Process.Pid) + "\n" + s.place.data() + "\n1700000000\n5432\n" + s.run + "\n\n 12345 67\nready   \n"
	for _, name := range []string{s.place.pidFile(), filepath.Join(s.run, ".s.PGSQL.5432.lock")} {
		if err := s.place.write(name, text); err != nil {
			t.Fatal(err)
		}
		stop(t, start(t, dir))
	}
	if err := s.place.write(s.place.pidFile(), ""); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, dir))
}

func TestForeignServerOnOurData(t *testing.T) {
	dir := usedState(t)
	s := start(t, dir)
	stop(t, s)
	bin, err := Binaries()
	if err != nil {
		t.Fatal(err)
	}
	by := s.place.account.command(exec.Command(filepath.Join(bin, "postgres"), "-D", s.place.data(), "-k", s.run, "-c", "listen_addresses="))
	if err := by.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if pid, _ := s.place.postmaster(); pid != 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := Start(t.Context(), dir); err == nil {
		t.Error("a second server was started on the folder")
	}
	by.Process.Signal(syscall.SIGINT)
	by.Wait()
	stop(t, start(t, dir))
}
