//go:build darwin || freebsd || linux

package local

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// longest is what every system takes as the path of a Unix socket: 104 bytes
// with the closing zero on macOS, 108 on Linux.
const longest = 103

// plain paths mean themselves in Postgres's settings and in a DSN, where
// commas, quotes and spaces have a meaning.
var plain = regexp.MustCompile(`^[A-Za-z0-9/._@+-]+$`)

// socketDir is the folder of the socket and the pipe: in the place itself if
// the path will do, else in /tmp. It is the same for every process.
func (p place) socketDir() (string, error) {
	dir := filepath.Join(p.dir, "run")
	if fits(dir) {
		return dir, nil
	}
	dir = filepath.Join("/tmp", fmt.Sprintf("relink-%d-%s", p.account.uid, hash(p.dir)))
	if !fits(dir) {
		return "", fmt.Errorf("%s is too long for a Unix socket: use a shorter --state-dir", dir)
	}
	return dir, nil
}

func fits(dir string) bool {
	return len(dir)+len("/.s.PGSQL.5432") <= longest && plain.MatchString(dir)
}

// tidy empties the folder of what a crash left, before a server is started. The
// pipe stays: a process that outlived its server still holds it, and so counts
// as a user of the next one.
func (s *Server) tidy() error {
	inside, err := os.ReadDir(s.run)
	if err != nil {
		return err
	}
	for _, f := range inside {
		if f.Name() == "users" && f.Type() == fs.ModeNamedPipe {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.run, f.Name())); err != nil {
			return err
		}
	}
	return nil
}
