package source

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
	"sync/atomic"
)

// A tally counts and hashes what is read through it. The hash is taken in a
// goroutine of its own, a block behind, since it costs half as much as reading
// the rows does. That goroutine never waits for the source, so close always
// ends it.
type tally struct {
	src  io.Reader
	read atomic.Int64 // may be asked for from another goroutine

	work chan []byte   // blocks to hash
	free chan []byte   // blocks hashed
	done chan struct{} // the hasher has ended
	hash hash.Hash     // the hasher's until done
	shut bool
}

const tallyBlock = 256 << 10

func newTally(src io.Reader) *tally {
	t := &tally{
		src:  src,
		work: make(chan []byte, 8),
		free: make(chan []byte, 8),
		done: make(chan struct{}),
		hash: sha256.New(),
	}
	for range cap(t.free) {
		t.free <- nil
	}
	go digest(t.hash, t.work, t.free, t.done)
	return t
}

// digest hashes blocks until there are no more.
func digest(h hash.Hash, work <-chan []byte, free chan<- []byte, done chan<- struct{}) {
	defer close(done)
	for block := range work {
		h.Write(block)
		free <- block
	}
}

// Read reads from the source and hands a copy to the hasher.
func (t *tally) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	t.read.Add(int64(n))
	for rest := p[:n]; len(rest) > 0 && !t.shut; {
		block := <-t.free
		if block == nil {
			block = make([]byte, tallyBlock)
		}
		block = block[:copy(block[:cap(block)], rest)]
		rest = rest[len(block):]
		t.work <- block
	}
	return n, err
}

// close ends the hasher and waits for it. It may be called twice.
func (t *tally) close() {
	if !t.shut {
		t.shut = true
		close(t.work)
	}
	<-t.done
}

// sum is the SHA-256 of all that was read; it closes the tally.
func (t *tally) sum() string {
	t.close()
	return hex.EncodeToString(t.hash.Sum(nil))
}

// Hash reads a file once and returns the SHA-256 of its bytes, in hex, and
// their number: what a Reader's SHA256 and Size say at its end, only faster.
// Standard input ("-") and other things that cannot be read twice are refused.
func Hash(name string) (string, int64, error) {
	f, _, err := openFile(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", 0, &Error{File: shown(name), Reason: "cannot be read: " + cause(err), Err: err}
	}
	if name == "-" || f == os.Stdin || !info.Mode().IsRegular() {
		return "", 0, &Error{File: shown(name), Reason: "is not a regular file, so it can be read only once"}
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", 0, &Error{File: shown(name), Reason: "cannot be read: " + cause(err), Err: err}
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}
