//go:build darwin || freebsd || linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mend removes the postmaster.pid of a server that is no more. Postgres does so
// itself unless the number belongs to another process of the same account by
// now (after a reboot, often a system-wide Postgres), and gives up then. We
// hold server.lock and so know that no server of ours is alive; one that
// somebody started by hand on this folder is looked for.
func (p place) mend() error {
	pid, err := p.postmaster()
	if err != nil {
		return err
	}
	if pid != 0 {
		return fmt.Errorf("a Postgres that relink did not start runs on %s (process %d): stop it with `pg_ctl -D %s stop`", p.data(), pid, p.data())
	}
	err = os.Remove(p.pidFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p place) pidFile() string { return filepath.Join(p.data(), "postmaster.pid") }

// postmaster returns the process in postmaster.pid if it lives and really is
// the server of this data folder, else 0.
func (p place) postmaster() (int, error) {
	text, err := os.ReadFile(p.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return 0, nil // empty after a full disk or a power cut
	}
	if !p.serves(pid) {
		return 0, nil
	}
	return pid, nil
}

// serves tells whether a process is the server of our data folder: a server
// stands in its data folder, or, where that cannot be seen, names it.
func (p place) serves(pid int) bool {
	if runtime.GOOS == "linux" {
		cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		return err == nil && cwd == p.data()
	}
	ps := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid))
	ps.Env = environment()
	out, err := ps.Output()
	return err == nil && strings.Contains(string(out), p.data())
}

// signal sends the server a signal if it is there: SIGINT stops it fast,
// SIGQUIT at once, and doing either again changes nothing.
func (p place) signal(sig syscall.Signal) error {
	pid, err := p.postmaster()
	if err != nil || pid == 0 {
		return err
	}
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// awaitEnd returns when the server, told by its watcher to stop, is gone. It
// does not rely on the watcher, which somebody may have killed.
func (p place) awaitEnd() error {
	began := time.Now()
	for {
		gone, err := p.gone()
		if err != nil || gone {
			return err
		}
		switch waited := time.Since(began); {
		case waited > patience+10*time.Second:
			return fmt.Errorf("the private Postgres does not stop; see %s", p.log())
		case waited > patience:
			err = p.signal(syscall.SIGQUIT)
		case waited > time.Second:
			err = p.signal(syscall.SIGINT)
		}
		if err != nil {
			return err
		}
		if err := pause(context.Background(), tick); err != nil {
			return err
		}
	}
}
