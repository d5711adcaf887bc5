//go:build darwin || freebsd || linux

package local

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestJoin plays the watcher of a server that is up, is stopping or has lost
// its watcher, which the real thing does too quickly to be caught at it.
func TestJoin(t *testing.T) {
	p, err := locate(newState(t))
	if err != nil {
		t.Fatal(err)
	}
	run, err := p.socketDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := own(run, p.account); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(run, "users"), 0o600); err != nil {
		t.Fatal(err)
	}
	watch := func() *os.File {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(run, "users"), os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	server, err := p.lockServer()
	if err != nil || server == nil {
		t.Fatalf("server.lock: %v, %v", server, err)
	}
	s := &Server{place: p, run: run}

	// It has seen the end of file: it reads and answers no more.
	reader := watch()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	if lock, err := s.join(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without an answer: got %v, %v, want to wait", lock, err)
	}
	cancel()
	s.pipe.Close() // with both ends closed the pipe forgets the question
	s.pipe = nil
	reader.Close()
	reader = watch()

	// It dies with our question, and another takes its place.
	joined := make(chan error)
	go func() {
		_, err := s.join(t.Context())
		joined <- err
	}()
	question := func() string {
		for range 400 {
			if name, err := bufio.NewReader(reader).ReadString('\n'); err == nil {
				return name[:len(name)-1]
			}
			time.Sleep(tick) // nobody has opened it yet
		}
		t.Fatal("nobody asks")
		return ""
	}
	question()
	reader.Close()
	reader = watch()
	name := question()
	if err := os.WriteFile(filepath.Join(run, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-joined; err != nil || s.pipe == nil {
		t.Errorf("with an answer: got %v", err)
	}

	// The server ends.
	server.Close()
	lock, err := s.join(t.Context())
	if err != nil || lock == nil {
		t.Fatalf("when the server is gone: got %v, %v, want its lock", lock, err)
	}
	lock.Close()
	reader.Close()
}
