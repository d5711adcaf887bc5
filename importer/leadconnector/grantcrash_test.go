package leadconnector

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
	"relink/importer/sandbox"
)

// TestDiskFails lets every step of every write fail, applied or not: no token is
// used that is not on disk, none is asked for that could not be stored, and when
// the disk works again nothing is lost.
func TestDiskFails(t *testing.T) {
	for _, step := range []string{"write", "sync", "rename", "renamed", "dir"} {
		for nth := 1; nth <= 2; nth++ { // the note, then the pair
			t.Run(fmt.Sprint(step, nth), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { testDiskFails(t, step, nth) })
			})
		}
	}
}

func testDiskFails(t *testing.T, step string, nth int) {
	d := newDesk(t, sandbox.Config{})
	tokens := d.tokens()
	count, mended := 0, false
	tokens.file.disk = failingDisk(step, func(begins bool) bool {
		if begins {
			count++
		}
		return !mended && count >= nth
	})
	c := d.client(tokens)
	time.Sleep(30 * time.Hour)
	for range 5 {
		if _, err := d.send(c, "a"); classOf(err) != importer.Unsent {
			t.Fatalf("got %v, want that nothing was sent", err)
		} else {
			d.silent("the error", err.Error())
		}
		time.Sleep(time.Minute)
	}
	if got := d.auth.seen(); got != nth-1 {
		t.Errorf("got %d exchanges, want %d", got, nth-1)
	}
	mended = true
	if _, err := d.send(c, "a"); err != nil {
		t.Errorf("when the disk works again: %v", err)
	}
	if got := d.auth.seen(); got != 1 {
		t.Errorf("got %d exchanges, want 1", got)
	}
	if _, _, err := d.tokens().Token(t.Context()); err != nil || d.auth.seen() != 1 {
		t.Errorf("the next process: %v, %d exchanges", err, d.auth.seen())
	}
}

// TestCrashBeforeTheExchange leaves the note, and nothing is lost.
func TestCrashBeforeTheExchange(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	g := d.stored()
	g.renewing, g.expires = time.Now(), time.Now().Add(-time.Hour)
	if err := d.open().put("loc1", g); err != nil {
		t.Fatal(err)
	}
	if _, err := d.send(d.client(d.tokens()), "a"); err != nil {
		t.Errorf("got %v", err)
	}
	if !d.stored().renewing.IsZero() {
		t.Error("the note is still there")
	}
}

// TestCrashBeforeTheRename leaves the new pair beside its place, where the next
// process finds it.
func TestCrashBeforeTheRename(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	before := d.stored()
	d.auth.control(t, "/_sandbox/clock?advance=25h")
	tokens, renames := d.tokens(), 0
	tokens.file.disk.rename = func(from, to string) error {
		if renames++; renames == 2 {
			runtime.Goexit() // as a crash does, nothing is cleaned up but what defer does
		}
		return os.Rename(from, to)
	}
	kept := []byte(nil)
	tokens.file.disk.sync = func(f *os.File) error {
		kept, _ = os.ReadFile(f.Name())
		return f.Sync()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tokens.Renew(t.Context(), 0)
	}()
	<-done
	if got := d.stored(); got.refresh.reveal() != before.refresh.reveal() || got.renewing.IsZero() {
		t.Fatal("the crash was not where it should be")
	}
	for _, cut := range []bool{true, false} {
		text := kept
		if cut {
			text = kept[:len(kept)-9]
		}
		if err := os.WriteFile(d.path+newSuffix, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := d.open().left("loc1"); ok == cut {
			t.Errorf("cut %v: found %v", cut, ok)
		}
	}
	if _, err := d.send(d.client(d.renewed()), "a"); err != nil || d.auth.seen() != 1 {
		t.Errorf("got %v after %d exchanges, want the pair of the one", err, d.auth.seen())
	}
	if _, err := os.Stat(d.path + newSuffix); err == nil {
		t.Error("the file beside it is still there")
	}
}

// TestLostAnswer is the one window: the service took the refresh token, and
// nobody has the new one. The message says so, and how to get out.
func TestLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		time.Sleep(30 * time.Hour)
		d.auth.after = func() error { return errors.New("connection reset by peer") }
		c := d.client(d.tokens())
		if _, err := d.send(c, "a"); classOf(err) != importer.Unsent {
			t.Fatalf("got %v, want to wait", err)
		}
		d.auth.after = nil
		c = d.client(d.tokens()) // another process, or this one later
		_, err := d.send(c, "a")
		told := (*Error)(nil)
		if classOf(err) != importer.Refused || !errors.As(err, &told) {
			t.Fatalf("got %v, want a refusal", err)
		}
		for _, want := range []string{"cut off between", "relink login --location loc1"} {
			if !strings.Contains(told.Advice(), want) {
				t.Errorf("the advice lacks %q: %s", want, told.Advice())
			}
		}
		d.silent("the error", err.Error()+told.Advice())
	})
}
