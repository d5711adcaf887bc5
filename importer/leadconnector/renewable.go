package leadconnector

import (
	"context"
	"errors"
	"sync"
)

// errSameToken: the place where a newer token was looked for holds the old one.
var errSameToken = errors.New("it still holds the token that was refused: put the new one there and run again")

// A renewable is a token that can be read again from where it came.
type renewable struct {
	read func() (Token, error)

	mu         sync.Mutex
	token      Token
	generation int
	running    *reading // the renewal under way, nil for none
}

// A reading is one renewal, shared by all who ask while it lasts.
type reading struct {
	done chan struct{} // closed when err stands
	err  error
}

// Token gives the token as it was last read.
func (r *renewable) Token(context.Context) (Token, int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.token, r.generation, nil
}

// Renew reads the token again, once for all callers. It fails when the token is
// still the same one or cannot be read; the old one then stays.
func (r *renewable) Renew(ctx context.Context, generation int) error {
	r.mu.Lock()
	if generation < r.generation {
		r.mu.Unlock()
		return nil // somebody else has renewed it since
	}
	shared := r.running
	if shared == nil {
		shared = &reading{done: make(chan struct{})}
		r.running = shared
		r.mu.Unlock()
		shared.err = r.renew()
		close(shared.done)
		return shared.err
	}
	r.mu.Unlock()
	select {
	case <-shared.done:
		return shared.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// renew reads once and takes over what is new.
func (r *renewable) renew() error {
	token, err := r.read() // not under the lock: Token must not wait for a disk
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = nil
	if err != nil {
		return err
	}
	if token.reveal() == r.token.reveal() {
		return errSameToken
	}
	r.token, r.generation = token, r.generation+1
	return nil
}
