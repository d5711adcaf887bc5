package leadconnector

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relink/importer/sandbox"
)

func TestCredentialsFileIsItsOwnersAlone(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	info, err := os.Stat(d.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if err := os.Chmod(d.path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCredentials(d.path, testService); err == nil || !strings.Contains(err.Error(), "run chmod 600 "+d.path) {
		t.Errorf("got %v, want the chmod to run", err)
	}
}

func TestCredentialsOfOneServiceAreNotOfAnother(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	c, err := OpenCredentials(d.path, "http://127.0.0.1:8787")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.For("loc1", d.auth.app()); !errors.Is(err, ErrNoToken) {
		t.Errorf("got %v, want ErrNoToken", err)
	}
	if err := c.put("loc1", d.stored()); err != nil {
		t.Fatal(err)
	}
	if got, err := d.open().Locations(); len(got) != 1 || err != nil {
		t.Errorf("got %v, %v: the other service's entry is gone", got, err)
	}
}

func TestBrokenCredentialsAreNotRepeated(t *testing.T) {
	for _, text := range []string{"pit-secret-text", `{"version":1,"services":"pit-secret-text"}`, `{"version":"pit-secret-text"}`, `{"version":2,"services":{}}`, ``} {
		path := filepath.Join(t.TempDir(), "c.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenCredentials(path, testService)
		if err == nil || strings.Contains(err.Error(), "pit-secret-text") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestLinkToCredentialsStays(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(d.path, link); err != nil {
		t.Skip(err)
	}
	c, err := OpenCredentials(link, testService)
	if err != nil {
		t.Fatal(err)
	}
	g := d.stored()
	g.scope = "changed"
	if err := c.put("loc1", g); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link has become a file")
	}
	if d.stored().scope != "changed" {
		t.Error("the file behind the link is the old one")
	}
}

func TestLockIsWaitedFor(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	inside, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_ = d.open().locked(context.Background(), func() error { close(inside); time.Sleep(100 * time.Millisecond); return nil })
	}()
	<-inside
	short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := d.open().locked(short, func() error { t.Error("two hold the lock"); return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	if err := d.open().locked(t.Context(), func() error { return nil }); err != nil {
		t.Error(err)
	}
	<-done
}
