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

// Locks are flock(2): they belong to an open file, live in every process that
// inherited it, and go with the last of them. They are therefore let go by
// closing, never by LOCK_UN, which would unlock it for the others too.

// lockStart waits for its turn to start, join or leave the server.
func (p place) lockStart(ctx context.Context) (*os.File, error) {
	f, err := p.openLock("start.lock")
	if err != nil {
		return nil, err
	}
	for {
		err := flock(f, syscall.LOCK_EX)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
		if err := pause(ctx, tick); err != nil {
			f.Close()
			return nil, fmt.Errorf("waiting for another relink to start the private Postgres: %w", err)
		}
	}
}

// lockServer takes server.lock, or returns nil while a process of the server
// still lives.
func (p place) lockServer() (*os.File, error) {
	f, err := p.openLock("server.lock")
	if err != nil {
		return nil, err
	}
	err = flock(f, syscall.LOCK_EX)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
}

// gone tells whether no process of the server is left.
func (p place) gone() (bool, error) {
	lock, err := p.lockServer()
	if lock != nil {
		lock.Close()
	}
	return lock != nil, err
}

func (p place) openLock(name string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(p.dir, name), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := p.account.take(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// flock locks without waiting: EWOULDBLOCK when it is taken.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// pause waits for d or for the end of ctx, whichever comes first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
