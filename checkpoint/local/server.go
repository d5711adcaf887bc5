//go:build darwin || freebsd || linux

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// patience is how long a server may take to stop before it is made to.
	patience = time.Minute
	// tick is how often locks and the socket are looked at while waiting.
	tick = 5 * time.Millisecond
)

// A Server is this process's share in a private Postgres. It is not safe for
// use by several goroutines; the server behind it is.
type Server struct {
	place place
	run   string   // the folder of the socket and the pipe
	pipe  *os.File // counts us for the sh that watches; nil when we are out
	users *os.File // counts us for the others' Close; nil when we are out
}

// Start brings up the Postgres of the state folder dir, or joins it when it is
// up, and returns when it answers. Both folder and data folder are made when
// missing. It takes about half a second from nothing, a tenth with data there,
// milliseconds to join; after a crash as long as Postgres needs to recover.
//
// ctx bounds the start only. Several processes, and one process several times,
// may call Start on the same dir at the same time. On an error nothing is left
// running that was not running before, and nothing stored is lost; the error's
// text says what to do.
func Start(ctx context.Context, dir string) (*Server, error) {
	p, err := locate(dir)
	if err != nil {
		return nil, err
	}
	run, err := p.socketDir()
	if err != nil {
		return nil, err
	}
	start, err := p.lockStart(ctx)
	if err != nil {
		return nil, err
	}
	defer start.Close()

	s := &Server{place: p, run: run}
	if err := s.enter(ctx, start); err != nil {
		return nil, errors.Join(err, s.leave())
	}
	return s, nil
}

// DSN returns the connection string for pgx. It names the database relink,
// which is this program's alone, and a role that may do everything in it.
func (s *Server) DSN() string { return s.dsn(database) }

func (s *Server) dsn(database string) string {
	return fmt.Sprintf("host=%s port=5432 user=relink dbname=%s sslmode=disable target_session_attrs=any", s.run, database)
}

// Close gives up this process's share. When nobody else has one it stops the
// server, ending the connections that are still open, and returns when the
// server is down. A process that ends without Close has the same effect within
// moments. Calling it again does nothing.
func (s *Server) Close() error {
	if s.pipe == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	start, err := s.place.lockStart(ctx)
	if err != nil {
		// The kernel still gives up our share; only waiting is not possible.
		s.pipe.Close()
		s.users.Close()
		s.pipe, s.users = nil, nil
		return err
	}
	defer start.Close()
	return s.leave()
}

// enter joins the server or starts it. start is the lock that the caller holds.
func (s *Server) enter(ctx context.Context, start *os.File) error {
	if err := own(s.run, s.place.account); err != nil {
		return err
	}
	for {
		lock, err := s.join(ctx)
		if err != nil {
			return err
		}
		launched := lock != nil
		if launched {
			err := s.launch(ctx, lock, start)
			lock.Close() // the server's processes hold it now
			if err != nil {
				return err
			}
		}
		switch err := s.ready(ctx); {
		case err == nil:
			s.users, err = s.lockUsers(syscall.LOCK_SH)
			return err
		case !errors.Is(err, errGone):
			return err
		case launched:
			return s.place.failure()
		}
		// It went down between our joining and our first query: once more.
	}
}

// leave gives up whatever enter got hold of, and waits for the server to end if
// nobody else uses it. The caller holds start.lock, so nobody comes or goes.
func (s *Server) leave() error {
	if s.users != nil {
		s.users.Close()
		s.users = nil
	}
	if s.pipe == nil {
		return nil
	}
	alone, err := s.lockUsers(syscall.LOCK_EX)
	s.pipe.Close()
	s.pipe = nil
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	if err != nil {
		return err
	}
	defer alone.Close()
	if err := s.place.awaitEnd(); err != nil {
		return err
	}
	if !within(s.run, s.place.dir) {
		return os.RemoveAll(s.run) // /tmp is not ours to litter
	}
	return nil
}

// lockUsers locks the folder of the socket itself, which also keeps cleaners
// of /tmp away from it: they leave a locked folder alone.
func (s *Server) lockUsers(how int) (*os.File, error) {
	f, err := os.Open(s.run)
	if err != nil {
		return nil, err
	}
	if err := flock(f, how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// launch starts the server and its watcher. Nothing of it runs: lock is
// server.lock, and ours.
func (s *Server) launch(ctx context.Context, lock, start *os.File) error {
	p := s.place
	if s.pipe != nil {
		s.pipe.Close()
		s.pipe = nil
	}
	if err := p.sweep(); err != nil {
		return err
	}
	bin, err := p.programs(ctx)
	if err != nil {
		return err
	}
	if err := p.create(ctx, bin, start); err != nil {
		return err
	}
	if err := p.mend(); err != nil {
		return err
	}
	if err := p.configure(bin.major); err != nil {
		return err
	}
	if err := s.tidy(); err != nil {
		return err
	}
	return s.spawn(filepath.Join(bin.dir, "postgres"), lock)
}
