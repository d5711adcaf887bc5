//go:build darwin || freebsd || linux

package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

const (
	tailLines = 12
	// tight is the free space under which a failed start is put down to it:
	// Postgres writes its log in pieces of 16 MB.
	tight = 17 << 20
)

// failure says why the server that we started ended, in its own words.
func (p place) failure() error {
	err := fmt.Errorf("the private Postgres ended as soon as it was started; the end of its log, %s:\n%s\n"+
		"Nothing in %s was deleted. Mend what the log names; or move that folder away to begin with an empty ledger, or name a database with --database-url",
		p.log(), p.tail(), p.data())
	return p.explain(err)
}

// tail returns the last lines of the log.
func (p place) tail() string {
	f, err := os.Open(p.log())
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if fi, err := f.Stat(); err == nil && fi.Size() > 16<<10 {
		if _, err := f.Seek(-16<<10, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, 16<<10))
	if err != nil {
		return err.Error()
	}
	if len(text) == 0 {
		return "(empty)"
	}
	return lastLines(string(text))
}

// explain adds that the disk is full, if it is: the log may have had no room to
// say so.
func (p place) explain(err error) error {
	var fs syscall.Statfs_t
	if syscall.Statfs(p.dir, &fs) != nil {
		return err
	}
	free := uint64(fs.Bavail) * uint64(fs.Bsize)
	if free >= tight && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return fmt.Errorf("the disk is full (%d MB free for %s): make room and run it again: %w", free>>20, p.dir, err)
}
