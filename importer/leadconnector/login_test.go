package leadconnector

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"relink/importer/sandbox"
)

func TestLoginNeedsAFileThatCanBeWritten(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	c := d.open()
	c.disk = failingDisk("sync", func(bool) bool { return true })
	code, _ := NewToken("another-code")
	if _, err := c.Login(t.Context(), d.auth.app(), Ticket{Code: code}); err == nil || d.auth.seen() != 0 {
		t.Errorf("got %v after %d exchanges, want none", err, d.auth.seen())
	}
}

func TestLoginNamesTheLocation(t *testing.T) {
	auth := newAuthority(t, sandbox.Config{}) // any text is a ticket, of no location
	c, err := OpenCredentials(filepath.Join(t.TempDir(), "new", "c.json"), testService)
	if err != nil {
		t.Fatal(err)
	}
	refresh, _ := NewToken("refresh-token-1")
	if _, err := c.Login(t.Context(), auth.app(), Ticket{Refresh: refresh}); err == nil || !strings.Contains(err.Error(), "names no location") {
		t.Errorf("got %v", err)
	}
	refresh, _ = NewToken("refresh-token-2")
	got, err := c.Login(t.Context(), auth.app(), Ticket{Refresh: refresh, Location: "locX"})
	if err != nil || got.Location != "locX" || len(got.Scopes) != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = c.Login(t.Context(), auth.app(), Ticket{Refresh: refresh, Location: "locX"})
	told := (*Error)(nil)
	if !errors.As(err, &told) || !strings.Contains(told.Advice(), "good for one exchange") {
		t.Errorf("got %v", err)
	}
}
