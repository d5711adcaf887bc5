//go:build darwin || freebsd || linux

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version whose settings are the ones we write.
const oldest = 12

// folders are where distributions put the server's programs, away from PATH.
var folders = []string{
	"/usr/lib/postgresql/*/bin",                               // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                        // RHEL, Fedora, from postgresql.org
	"/usr/lib/postgresql*/bin",                                // SUSE
	"/usr/libexec/postgresql*",                                // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",                      // Homebrew on Apple silicon
	"/usr/local/opt/postgresql@*/bin",                         // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",         // Homebrew on Linux
	"/Applications/Postgres.app/Contents/Versions/[0-9]*/bin", // Postgres.app
	"/Library/PostgreSQL/*/bin",                               // EDB's installer
	"/usr/local/pgsql/bin", "/opt/local/lib/postgresql*/bin",  // source, MacPorts
}

// programs is a folder with initdb and postgres of one major version.
type programs struct {
	dir   string
	major int
}

// Binaries returns the folder of the server programs that a new private
// Postgres would use: those in PATH, else the newest of those where
// distributions put them. The error names the command that installs them.
func Binaries() (dir string, err error) {
	found := find(context.Background(), os.Getenv("PATH"), folders)
	if len(found) == 0 {
		return "", errMissing(0)
	}
	return found[0].dir, nil
}

// programs returns those that fit the data folder, if there is one already.
func (p place) programs(ctx context.Context) (programs, error) {
	found := find(ctx, os.Getenv("PATH"), folders)
	if err := ctx.Err(); err != nil {
		return programs{}, context.Cause(ctx)
	}
	major, err := p.major()
	if err != nil {
		return programs{}, err
	}
	for _, b := range found {
		if major == 0 || b.major == major {
			return b, nil
		}
	}
	if len(found) > 0 {
		return programs{}, fmt.Errorf("%s was made by Postgres %d and only Postgres %d is here: %w", p.data(), major, found[0].major, errMissing(major))
	}
	return programs{}, errMissing(major)
}

// major is the version that made the data folder, 0 when there is none.
func (p place) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION"))
	if err == nil {
		v, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return 0, fmt.Errorf("reading %s/PG_VERSION: %w: restore it from a backup, or move the folder away to begin with an empty ledger", p.data(), err)
		}
		return v, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	inside, err := os.ReadDir(p.data())
	if err == nil && len(inside) > 0 {
		return 0, fmt.Errorf("%s is no Postgres data folder (it has no PG_VERSION): move it out of the way", p.data())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	return 0, nil
}

// find lists the programs on this machine, best first: PATH in its order, then
// the folders by version.
func find(ctx context.Context, path string, patterns []string) []programs {
	var dirs []string
	for _, dir := range filepath.SplitList(path) {
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	var found []programs
	for _, dir := range dirs {
		found = appendPrograms(ctx, found, dir)
	}
	inPath := len(found)
	for _, pattern := range patterns {
		match, _ := filepath.Glob(pattern) // the patterns are constants and well-formed
		for _, dir := range match {
			found = appendPrograms(ctx, found, dir)
		}
	}
	slices.SortStableFunc(found[inPath:], func(a, b programs) int { return cmp.Compare(b.major, a.major) })
	return found
}

// appendPrograms adds what dir holds, if both programs are there and are known
// not to be too old. initdb looks for postgres beside itself, so a link to it
// is followed first.
func appendPrograms(ctx context.Context, found []programs, dir string) []programs {
	initdb, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb"))
	if err != nil {
		return found
	}
	dir = filepath.Dir(initdb)
	if slices.ContainsFunc(found, func(p programs) bool { return p.dir == dir }) {
		return found
	}
	if major := versionOf(ctx, filepath.Join(dir, "postgres")); major >= oldest {
		found = append(found, programs{dir, major})
	}
	return found
}

var version = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// versionOf asks a program for its major version: 0 when it cannot say.
func versionOf(ctx context.Context, program string) int {
	cmd := exec.CommandContext(ctx, program, "--version")
	cmd.Dir, cmd.Env = "/", environment()
	out, err := cmd.Output()
	if err != nil {
		return 0
	}
	m := version.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1])) // digits only
	return major
}
