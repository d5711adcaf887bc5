package cli

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relink/importer"
)

// TestMapThatChanges: a map is known by its content, so one that is another at
// the end of its reading than at the start must not be used.
func TestMapThatChanges(t *testing.T) {
	name := filepath.Join(t.TempDir(), "map:with:colons.csv")
	if err := os.WriteFile(name, []byte("old,new\n1,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := newIDMap("--first-map", name, false)
	if err != nil {
		t.Fatal(err)
	}
	read := func() error {
		next := m.lines(slog.New(slog.DiscardHandler))
		for {
			var line importer.Line
			if err := next(&line); err != nil {
				return err
			}
		}
	}
	if err := read(); err != io.EOF {
		t.Errorf("err = %v, want EOF", err)
	}
	if err := os.WriteFile(name, []byte("old,new\n1,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "changed while it was being read") {
		t.Errorf("err = %v, want that it changed", err)
	}
}
