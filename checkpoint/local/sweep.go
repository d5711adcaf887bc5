//go:build darwin || freebsd || linux

package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// stateFile stands in a place elsewhere and names the state folder it is for.
const stateFile = "state"

func (p place) remember(state string) error {
	name := filepath.Join(p.dir, stateFile)
	if was, err := os.ReadFile(name); err == nil && string(was) == state {
		return nil
	}
	return p.write(name, state)
}

// sweep removes what earlier starts left that has no use any more: a data
// folder that was never finished, and places elsewhere whose state folder was
// a temporary one and is gone. A state folder of any other kind may lie on a
// disk that is just not mounted, so its place stays.
func (p place) sweep() error {
	if err := os.RemoveAll(p.unfinished()); err != nil {
		return err
	}
	if filepath.Dir(p.dir) != elsewhere {
		return nil
	}
	states, err := filepath.Glob(filepath.Join(elsewhere, "*", stateFile))
	if err != nil {
		return err
	}
	for _, name := range states {
		state, err := os.ReadFile(name)
		if err != nil || !temporary(string(state)) {
			continue
		}
		if _, err := os.Lstat(string(state)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		left := place{dir: filepath.Dir(name), account: p.account}
		if err := left.remove(); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a place unless somebody is busy there.
func (p place) remove() error {
	start, err := p.openLock("start.lock")
	if err != nil {
		return err
	}
	defer start.Close()
	if flock(start, syscall.LOCK_EX) != nil {
		return nil
	}
	if gone, err := p.gone(); err != nil || !gone {
		return err
	}
	return os.RemoveAll(p.dir)
}

func temporary(path string) bool {
	tmp, err := filepath.EvalSymlinks(os.TempDir())
	return within(path, "/tmp") || err == nil && within(path, tmp)
}

// write puts text into a file of the account, whole or not at all.
func (p place) write(name, text string) error {
	next := name + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, p.account.take(f), f.Sync(), f.Close()); err != nil {
		return p.explain(err)
	}
	return os.Rename(next, name)
}
