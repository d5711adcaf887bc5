//go:build darwin || freebsd || linux

package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStart(t *testing.T) {
	dir := newState(t)
	began := time.Now()
	s := start(t, dir)
	t.Logf("from nothing: %v", time.Since(began))
	for name, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "",
		"server_encoding": "UTF8", "lc_collate": "C", "TimeZone": "UTC", "wal_level": "minimal", "jit": "off",
	} {
		if got := mustQuery(t, s.DSN(), "SHOW "+name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	keep(t, s)

	began = time.Now()
	second := start(t, dir)
	t.Logf("joining: %v", time.Since(began))
	if second.DSN() != s.DSN() {
		t.Errorf("joined: got %q, want %q", second.DSN(), s.DSN())
	}
	stop(t, second)
	mustQuery(t, s.DSN(), "SELECT ''")
	began = time.Now()
	stop(t, s)
	t.Logf("stopping: %v", time.Since(began))
	stop(t, s)
	if gone, err := s.place.gone(); err != nil || !gone {
		t.Errorf("after the last Close: gone %v, %v", gone, err)
	}

	began = time.Now()
	s = start(t, dir)
	t.Logf("with data: %v", time.Since(began))
	if got := mustQuery(t, s.DSN(), "SELECT word FROM kept"); got != "kept" {
		t.Errorf("the table is not there after a restart: got %q", got)
	}
	stop(t, s)
}

func TestStartTogether(t *testing.T) {
	dir := newState(t)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 2 {
				s, err := Start(t.Context(), dir)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := query(t, s.DSN(), "SELECT ''"); err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	p, err := locate(dir)
	if err != nil {
		t.Fatal(err)
	}
	if gone, err := p.gone(); err != nil || !gone {
		t.Errorf("after the last Close: gone %v, %v", gone, err)
	}
}

func TestStartIsCancelled(t *testing.T) {
	dir := newState(t)
	for _, after := range []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, dir)
		cancel()
		if err == nil {
			stop(t, s)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: got %v, want the deadline", after, err)
		}
	}
	stop(t, start(t, dir))
}

func TestEnvironmentStaysOut(t *testing.T) {
	t.Setenv("RELINK_TOKEN", "pit-secret")
	t.Setenv("PGPORT", "1")
	t.Setenv("PGDATA", "/nowhere")
	t.Setenv("PGTARGETSESSIONATTRS", "standby")
	s := start(t, usedState(t))
	defer stop(t, s)
	pid, err := s.place.postmaster()
	if err != nil || pid == 0 {
		t.Fatalf("postmaster: %d, %v", pid, err)
	}
	env, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "environ"))
	if err != nil {
		t.Skip("no /proc: ", err)
	}
	if strings.Contains(string(env), "pit-secret") || strings.Contains(string(env), "PG") {
		t.Errorf("the server was started with %q", env)
	}
}

func TestDamagedDataIsKept(t *testing.T) {
	dir := usedState(t)
	stop(t, start(t, dir))
	control := filepath.Join(dataOf(dir), "global", "pg_control")
	if err := os.Rename(control, control+".away"); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "pg_control") || !strings.Contains(err.Error(), "server.log") {
		t.Fatalf("got %v, want an error that quotes the log", err)
	}
	if err := os.Rename(control+".away", control); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, dir))
}
