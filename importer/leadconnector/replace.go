package leadconnector

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// A disk makes the steps by which a file is replaced durably. Tests let each of
// them fail.
type disk struct {
	write   func(*os.File, []byte) error
	sync    func(*os.File) error
	rename  func(from, to string) error
	syncDir func(dir string) error
}

// newSuffix is of the name under which a file stands until it is durable.
const newSuffix = ".new"

var realDisk = disk{
	write:   func(f *os.File, text []byte) error { _, err := f.Write(text); return err },
	sync:    (*os.File).Sync,
	rename:  os.Rename,
	syncDir: syncDir,
}

// replace puts text in the place of the file, whole or not at all: readable by
// its owner alone, and durable when it returns nil. After an error either may be
// there; to do it again is safe.
func (d disk) replace(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	// One name, so that what a crash has left, secrets and all, goes with the
	// next writing. The caller's lock keeps two from it.
	fresh := path + newSuffix
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // gone already after the rename
		}
	}()
	if err = errors.Join(d.write(f, text), d.sync(f), f.Close()); err != nil {
		return err
	}
	if err = d.rename(f.Name(), path); err != nil {
		return err
	}
	return d.syncDir(dir)
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // has no such call
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("making %s durable: %w", dir, err)
	}
	return nil
}
