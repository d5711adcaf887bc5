//go:build darwin || freebsd || linux

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// unfinished is where a data folder is made.
func (p place) unfinished() string { return filepath.Join(p.dir, "data.new") }

// create makes the data folder if there is none. initdb syncs what it wrote
// before it ends, and then the rename makes it the data folder.
func (p place) create(ctx context.Context, bin programs, start *os.File) error {
	if major, err := p.major(); err != nil || major != 0 {
		return err
	}
	cmd := p.account.command(exec.CommandContext(ctx, filepath.Join(bin.dir, "initdb"),
		"--pgdata", p.unfinished(), "--username", "relink", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-clean"))
	// It is not to clean up after itself: a disk that is full must still be so
	// when we look for the reason. The next start sweeps.
	//
	// Should we be killed, initdb goes on for a moment and still holds the lock,
	// so that nobody begins a second one in the same folder.
	cmd.ExtraFiles = []*os.File{start}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return p.explain(fmt.Errorf("making a data folder in %s: %w:\n%s", p.dir, err, lastLines(string(out))))
	}
	if err := os.Rename(p.unfinished(), p.data()); err != nil {
		return fmt.Errorf("putting the new data folder in place: %w", err)
	}
	return syncDir(p.dir)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lastLines are the ones in which a program says why it gave up.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
