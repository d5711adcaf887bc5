package local

import (
	"os"
	"path/filepath"
)

// Exists reports whether the state folder dir has a private Postgres, running
// or not. It starts and makes nothing.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "postgres", "data", "PG_VERSION"))
	return err == nil
}
