package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// tape is where the lines of a store stand. *os.File is one: a write that has
// returned survives the death of the process.
type tape interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
}

const memoryPiece = 1 << 20

// memoryTape is a tape for a sandbox without a folder. It grows by pieces, so
// that growing never copies what is there. The store's lock guards it.
type memoryTape struct {
	pieces [][]byte
	size   int64
}

func (m *memoryTape) WriteAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		for at/memoryPiece >= int64(len(m.pieces)) {
			m.pieces = append(m.pieces, make([]byte, memoryPiece))
		}
		done += copy(m.pieces[at/memoryPiece][at%memoryPiece:], p[done:])
	}
	m.size = max(m.size, off+int64(done))
	return done, nil
}

func (m *memoryTape) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= m.size {
			return done, io.EOF
		}
		piece := m.pieces[at/memoryPiece][at%memoryPiece:]
		done += copy(p[done:], piece[:min(int64(len(piece)), m.size-at)])
	}
	return done, nil
}

func (m *memoryTape) Truncate(size int64) error {
	m.pieces = m.pieces[:(size+memoryPiece-1)/memoryPiece]
	m.size = size
	return nil
}

// folder is a Config.Dir that this process holds alone.
type folder struct {
	path string
	lock *os.File
	log  *os.File
}

var errBusy = errors.New("another process holds it")

// openFolder makes the folder if it must, and holds it until close.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(path, "lock"))
	if err != nil {
		return nil, fmt.Errorf("taking the sandbox's folder %s: %w", path, err)
	}
	log, err := os.OpenFile(filepath.Join(path, "relations.log"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &folder{path: path, lock: lock, log: log}, nil
}

// read returns the content of a small file, nil when there is none.
func (f *folder) read(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(f.path, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// replace writes a small file whole or not at all.
func (f *folder) replace(name string, content []byte) error {
	next := filepath.Join(f.path, name+".next")
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(f.path, name))
}

func (f *folder) close() error {
	return errors.Join(f.log.Close(), f.lock.Close())
}
