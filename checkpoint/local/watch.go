//go:build darwin || freebsd || linux

package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// watcher is the sh that starts the server and outlives everybody who uses it.
// $1 is the folder of the pipe, the rest the server's command line; descriptor
// 3 is server.lock and 4 the reading end of the pipe.
//
// The server is killed until it is gone because a shell starts background work
// with SIGINT ignored: one that comes before Postgres has put its handler in
// place is lost. The waiting shell keeps the server's number from being given
// to anybody else. `true`, not `:`, makes the answer: a failed redirection of a
// special built-in would end the shell. The loop must not hold the lock: its
// sleep may outlive the server by a second.
const watcher = `
trap '' HUP INT QUIT TERM
run=$1
shift
{
	"$@" </dev/null 4<&- &
	server=$!
	{
		while read -r name; do true >"$run/$name"; done
		while kill -INT "$server"; do sleep 1; done
	} <&4 4<&- 3>&- 2>/dev/null &
	watch=$!
	exec 4<&-
	wait "$server"
	kill -KILL "$watch"
} &
`

// spawn starts the server under its watcher and makes us its first user. The
// shell that does so ends at once: the watcher is nobody's child, so that no
// relink has to stay to collect it.
func (s *Server) spawn(postgres string, lock *os.File) error {
	p := s.place
	if err := os.Rename(p.log(), p.log()+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	log, err := os.OpenFile(p.log(), os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return p.explain(err)
	}
	defer log.Close()
	if err := p.account.take(log); err != nil {
		return err
	}

	name := filepath.Join(s.run, "users")
	if err := syscall.Mkfifo(name, 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the pipe %s: %w", name, err)
	}
	users, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer users.Close()
	if s.pipe, err = s.openPipe(); err != nil {
		return err
	}
	// Opening without waiting is for us; a shell takes "nothing yet" for the end.
	if err := syscall.SetNonblock(int(users.Fd()), false); err != nil {
		return err
	}

	cmd := p.account.command(exec.Command("/bin/sh", "-c", watcher, "relink-watcher", s.run,
		postgres, "-D", p.data(), "-k", s.run, "-c", "listen_addresses=", "-c", "port=5432"))
	cmd.ExtraFiles = []*os.File{lock, users}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("starting the watcher of the private Postgres: %w", err)
	}
	return nil
}

// openPipe makes us a user; ENXIO when nobody watches.
func (s *Server) openPipe() (*os.File, error) {
	return os.OpenFile(filepath.Join(s.run, "users"), os.O_WRONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
}

// join makes us a user of a running server, or returns server.lock when there
// is none to join.
func (s *Server) join(ctx context.Context) (lock *os.File, err error) {
	name := "join." + strings.ToLower(rand.Text())
	answer := filepath.Join(s.run, name)
	if s.pipe != nil {
		s.pipe.Close()
		s.pipe = nil
	}
	var asked time.Time
	for began := time.Now(); time.Since(began) < 2*patience; {
		if lock, err := s.place.lockServer(); lock != nil || err != nil {
			return lock, err
		}
		if s.pipe == nil || time.Since(asked) > 20*tick {
			if err := s.ask(name); err != nil {
				return nil, err
			}
			asked = time.Now()
		}
		if err := os.Remove(answer); err == nil {
			return nil, nil
		}
		if err := pause(ctx, tick/5); err != nil {
			return nil, fmt.Errorf("joining the private Postgres: %w", err)
		}
	}
	return nil, fmt.Errorf("the private Postgres in %s neither answers nor stops; see %s", s.place.dir, s.place.log())
}

// ask writes a name into the pipe, for the watcher to make a file of that name.
// It may be called again, to learn whether the watcher is still there. Where
// nobody watches, the server is stopping, or its watcher was killed: then
// nobody else would stop it.
func (s *Server) ask(name string) (err error) {
	if s.pipe == nil {
		s.pipe, err = s.openPipe()
		if errors.Is(err, syscall.ENXIO) || errors.Is(err, fs.ErrNotExist) {
			return s.place.signal(syscall.SIGINT)
		}
		if err != nil {
			return err
		}
	}
	_, err = s.pipe.WriteString(name + "\n")
	if errors.Is(err, syscall.EPIPE) {
		s.pipe.Close()
		s.pipe = nil
		return nil
	}
	return err
}
